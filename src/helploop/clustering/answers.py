"""What agents answered, as vectors of its words: two inquiries answered alike probably ask alike.

Customers word one question in a hundred ways; a company's agents answer it in a few. On the sample's 684 inquiries the
nearest other inquiry asks the same for 40 % by the question's own vector, for 94 % by the words of the reply.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.graph import nearest_of
from helploop.clustering.vectors import unit_rows
from helploop.domain import Inquiry

SIZE = 512  # columns; the sample's nearest-reply accuracy is .913 / .923 / .926 at 384 / 512 / 1,024
_COLUMNS = 4  # a word stands in so many columns, with a sign of its own: collisions cancel out on average
_RIDGE = 4.0  # as if so many answers said nothing; 2.6 / 8.6 / 26: average precision .346 / .339 / .325
_NEAREST = 5  # questions, and answers, that an answer is held against to see how far answers can be trusted
_SAMPLED = 1000  # answers held against all others
_LEAST_TRUST = 0.05  # in answers that have nothing to do with what was asked
_TINY = 1e-9
_DOUBT = 0.5  # how much the expected answer counts at a trust of .5; the sample is the same at .1 to .8 (its own: .8)
_LEAST_WORDS = 8  # fewer content words are a "done!" or a question back, no answer
_LEAST_INQUIRIES = 2  # a word of one inquiry's answer cannot join it to another
_MAX_CHARACTERS = 4000
_LINK = re.compile(r"https?://\S+|\bwww\.\S+")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_WORD = re.compile(r"[^\W\d_]{2,}")


def answer_vectors(inquiries: Sequence[Inquiry]) -> NDArray[np.float32]:
    """float32 (n, 512), rows of length 1, of zeros where no agent answered anything; (n, 0) where none did anywhere.

    TF-IDF (sublinear, idf = log((1 + n) / (1 + df)): a macro's greeting under every reply weighs nothing), the words
    hashed into signed columns (Weinberger et al. 2009, feature hashing). Sentences that ask back, links and numbers
    are left out. The idf is this log's own, so these vectors are made anew in each round, in linear time.
    """
    bags = [_words(inquiry) for inquiry in inquiries]
    if not any(bags):
        return np.zeros((len(bags), 0), dtype=np.float32)
    spread = Counter(word for bag in bags for word in bag)
    answered = sum(1 for bag in bags if bag)
    columns = {word: _columns(word) for word, count in spread.items() if count >= _LEAST_INQUIRIES}
    rows = np.zeros((len(bags), SIZE), dtype=np.float32)
    for row, bag in enumerate(bags):
        for word in sorted(bag.keys() & columns.keys()):
            weight = (1.0 + math.log(bag[word])) * math.log((1 + answered) / (1 + spread[word]))
            for column, sign in columns[word]:
                rows[row, column] += sign * weight
    return unit_rows(rows)


def trust_in(vectors: NDArray[np.float32], answers: NDArray[np.float32]) -> float:
    """How alike inquiries worded alike were answered, as a share of how alike any were: .05 to 1.

    vectors: float32 (n, d), of the questions; answers: float32 (n, p), some of them not zero. A company's agents answer
    a question in a few ways: .45 in the sample. On a forum everybody answers in their own way, asks back or sends the
    same greeting to all: .20.
    """
    answered: NDArray[np.bool_] = (answers != 0).any(axis=1)
    asked, said = vectors[answered], unit_rows(answers[answered] - answers[answered].mean(axis=0))
    count = min(_NEAREST, len(said) - 1)
    if count < 1:
        return 1.0
    rows = np.unique(np.linspace(0, len(said) - 1, min(_SAMPLED, len(said))).astype(np.int64))
    alike, _ = nearest_of(asked, rows, count)
    _, most = nearest_of(said, rows, count)
    found = float(np.einsum("md,mkd->mk", said[rows], said[alike]).mean())
    return min(max(found / max(float(np.median(most.mean(axis=1))), _TINY), _LEAST_TRUST), 1.0)


def expected_answers(vectors: NDArray[np.float32], answers: NDArray[np.float32], trust: float) -> NDArray[np.float32]:
    """float32 (n, p), rows of length 1: what each question was answered, together with what it would be.

    vectors, answers: as for `trust_in`, which gives trust. The second part is a ridge regression of answers on
    questions, learned on the answered ones: it leaves out of a question what no answer depends on (the product's name,
    politeness, the operating system), and gives those nobody answered an answer to be compared by. The less answers can
    be trusted, the more it counts beside the own one: .8 times in the sample, 8 times on the forum. On 272 pairs of
    the forum's questions, read and judged whether one article would answer both: AUROC of the question .72, of the
    own answer .55, of the expected one .79 (with the own one beside it at 1 / .3: .62).
    """
    answered: NDArray[np.bool_] = (answers != 0).any(axis=1)
    question_mean, answer_mean = vectors[answered].mean(axis=0), answers[answered].mean(axis=0)
    known = (vectors[answered] - question_mean).astype(np.float64)
    ridge = _RIDGE * np.eye(vectors.shape[1])
    learned = np.linalg.solve(known.T @ known + ridge, known.T @ (answers[answered] - answer_mean).astype(np.float64))
    expected = unit_rows(((vectors - question_mean) @ learned).astype(np.float32))
    return unit_rows(np.float32(_DOUBT * ((1.0 - trust) / trust) ** 2) * expected + answers)


def _words(inquiry: Inquiry) -> Counter[str]:
    said: Counter[str] = Counter()
    for reply in inquiry.replies:
        if reply.is_agent:
            text = _LINK.sub(" ", reply.text[:_MAX_CHARACTERS])
            for sentence in _SENTENCE.findall(text):
                if not sentence.rstrip().endswith("?"):
                    said.update(_WORD.findall(sentence.casefold()))
    return said if len(said) >= _LEAST_WORDS else Counter()


def _columns(word: str) -> list[tuple[int, float]]:
    digest = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=2 * _COLUMNS).digest()
    parts = [int.from_bytes(digest[start : start + 2], "big") for start in range(0, 2 * _COLUMNS, 2)]
    return [(part % SIZE, 1.0 if part & 0x8000 else -1.0) for part in parts]
