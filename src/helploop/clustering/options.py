"""What steers clustering, each default with its source."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from helploop.domain import text_hash


@dataclass(frozen=True)
class ClusteringOptions:
    """Defaults are docs/measured's recipe (7 sets, mean dF1 .672) unless a line says otherwise, with what was measured.
    Cosines named here are all-MiniLM-L6-v2's; shares follow the log and the encoder by themselves."""

    min_customers: int = 4  # a question needs that many distinct customers; the size all methods were compared at
    neighbours: int = 6  # k of the graph in a log of up to `small_log` wordings; recipe, step 3. Above, k grows with
    neighbours_growth: float = 0.45  # ... this power of the wordings, up to
    most_neighbours: int = 20  # ... this many (16 at 13,000): k of 6 cuts the questions of a large log up
    small_log: int = 1500  # different wordings ...
    large_log: int = 13_000  # ... from which on the settings called large_ hold; between, on the way in log(wordings).
    #   Against the small ones: Banking77 dF1 .60 -> .65, NMI .80 -> .82, ACC .57 -> .65; HWU64 dF1 .47 -> .54
    resolution: float = 2.0  # of Leiden's modularity; recipe, step 4
    large_resolution: float = 3.0
    many_questions: float = 100.0  # expected in a log from which on its resolution grows beyond large_resolution
    large_edge_power: float = 0.25  # of an edge's Jaccard index, 1 in a small log (recipe, step 3)
    answered_resolution: float = 7.0  # the same, and k and edges of a small log, where answers are compared.
    #   Answers tell apart what wordings do not: sample at resolution 2 / 4 / 6, weight 2: 31 / 36 / 37 of 45 found
    merge_share: float = 0.50  # two clusters are one when their mean pairwise cosine is so far up from the log's mean
    #   cosine to its median wording's neighbours: .55 on Banking77 (recipe, step 5: .60), .40 on HINT3. Mean dF1 of the
    #   five supplied sets .607 against .600 at .60 throughout, dup 1.35 against 1.48
    large_merge_share: float = 0.65  # a large log's neighbours are nearer anyway
    merge_most: float = (
        0.60  # ... and at this cosine in any case: in a log of a single question there is no background;
    )
    #   recipe, step 5 ...
    single_spread: float = 0.5  # ... which such a log is where wordings are as far from their nearest as this share of
    #   the distance of any two: the five sets .17 to .43 with all-MiniLM-L6-v2 and with its word embeddings alone,
    #   where any two lie at .25 to .75; their single questions .29 to .67 in the median
    different_spread: float = 0.9  # a log is all different where the median wording is as far from its nearest as this
    #   share of the distance of any two: the five sets .20 to .47 (700 rows of each); one wording of each of their
    #   labels .63 to .87; random letters .94. At .9 / .85 / .8 logs of 5 wordings of one label and 12 of others keep
    #   .89 / .86 / .82 of the 5 in questions (.90 without), logs of one label alone all that they kept
    vote_neighbours: int = 10  # a wording goes where most of its neighbours are, twice: Banking77 NMI .79 -> .81
    #   against the nearest centre, the other sets the same
    reassign_rounds: int = 5  # where answers are compared wordings go to the nearest centre instead; recipe, step 6
    noise_neighbours: int = 5  # recipe, step 7
    noise_similarity: float = 0.55  # mean cosine to the nearest below this: asks nothing that recurs; recipe, step 7
    noise_share: float = (
        0.78  # ... or below this share of the log's median, if lower; on HINT3 .66 / .72 / .78 / .84 keep
    )
    #   .58 / .49 / .38 / .29 of the noise and drop .04 / .06 / .09 / .12 of the rest
    answer_weight: float = 7.5  # of agents' answers beside the question, times how far they can be trusted (3.4 in the
    #   sample, 1.5 on a forum); 0 leaves them out. The sample at 1 / 1.5 / 2 / 3: 39 / 42 / 42 / 43 of 45 found, 2
    #   without; how the forum's biggest read at 1.5 and 3: benchmarks/clustering, A real forum
    least_answered: float = 0.3  # of inquiries must have an answer for answers to be compared at all; a guess
    lone_similarity: float = 0.45  # a wording of min_customers people below this to every centre is its own question;
    #   of 25 searches written for the sample 16 of the 18 above it were nearest to the right one, 2 of the 7 below
    search_share: float = 1.1  # a search joins a question from here on: 0 is as near as any two inquiries, 1 as near
    #   as the median member to its own question, plus
    search_words: float = 1.3  # ... so much of its words' share. Both were chosen on the sample's 187 searches (.80
    #   right) and checked on 60 held out (.85); by vectors alone .76 and .77
    search_margin: float = 0.01  # ... when the next question is so much farther: only ties, they cost nothing
    fold_similarity: float = 0.95  # only pairs this near are compared as texts at all
    fold_ratio: float = 95.0  # rapidfuzz.fuzz.ratio of normalised texts at which two wordings are one; 0 to 100
    exact_rows: int = 30_000  # above, neighbours are looked for in cells (benchmarks/clustering, Scale)
    leiden_trials: int = 1  # best of so many; each costs a run
    anchor_rows: int = 6000  # rows that an anchored round clusters anew at most: about a second
    anchor_change: float = 0.11  # of the pairs that stood together may come apart in an anchored round: at .10 / .11
    #   dF1 .616 / .622 after two rounds (full re-run .639), ARI .959 / .956; benchmarks/clustering, Rounds
    anchor_noise: float = 0.04  # likewise of the pairs of noise, by becoming a new question
    seed: int = 7  # any fixed number: seeds differ by about .015 dF1 (docs/measured.md)

    def __post_init__(self) -> None:
        """Raises: ValueError naming the option that cannot be used."""
        for name in (
            "min_customers",
            "neighbours",
            "most_neighbours",
            "vote_neighbours",
            "noise_neighbours",
            "small_log",
            "large_log",
            "leiden_trials",
        ):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        if min(self.reassign_rounds, self.seed, self.exact_rows, self.anchor_rows) < 0:
            raise ValueError("reassign_rounds, seed, exact_rows and anchor_rows must not be negative")
        for name in ("resolution", "large_resolution", "many_questions", "answered_resolution", "large_edge_power"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)}")
        for name in (
            "merge_share",
            "large_merge_share",
            "merge_most",
            "single_spread",
            "different_spread",
            "noise_similarity",
            "lone_similarity",
            "fold_similarity",
        ):
            if not -1 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a cosine, from -1 to 1, not {getattr(self, name)}")
        for name in (
            "anchor_change",
            "anchor_noise",
            "answer_weight",
            "neighbours_growth",
            "least_answered",
            "noise_share",
            "search_words",
        ):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative, not {getattr(self, name)}")
        if not 0 <= self.fold_ratio <= 100:
            raise ValueError(f"fold_ratio is from 0 to 100, not {self.fold_ratio}")


def settings_hash(options: ClusteringOptions) -> str:
    """16 hex digits over every option: two rounds made with the same settings have the same."""
    return text_hash(repr(sorted(asdict(options).items())))
