"""How files of job boards are told apart: by names that one of them writes and the others do not.

Boards that are not taken are known too, so that whoever sends such a file by mistake is told what it is.
"""

from dataclasses import dataclass, field

TOP: str = ""
"""Stands for the document itself where it is a list."""
LONGEST_NAME = 40
NAMES_SHOWN = 6


@dataclass(frozen=True)
class Board:
    """A board's JSON: `items` is the member that lists its postings (TOP: the document does), and one of `marks` is a
    member of the document or of a posting. `name` is a format's of ours, or words for what is not taken."""

    name: str
    items: str
    marks: frozenset[str]


def _board(name: str, items: str, *marks: str) -> Board:
    return Board(name, items, frozenset(marks))


JSON_LD = frozenset(("@context", "@graph", "@type"))
BOARDS = (
    _board("Ashby's JSON", "jobs", "apiVersion", "jobUrl", "isListed", "descriptionHtml"),
    _board("Workable's JSON", "jobs", "shortcode", "telecommuting"),
    _board("greenhouse", "jobs", "absolute_url", "internal_job_id", "requisition_id", "first_published", "content",
           "departments", "offices"),
    _board("lever", TOP, "hostedUrl", "categories", "descriptionPlain", "descriptionBody", "additionalPlain"),
    _board("Adzuna's JSON", "results", "redirect_url", "salary_is_predicted"),
    _board("SmartRecruiters' JSON", "content", "totalFound", "refNumber"),
    _board("Recruitee's JSON", "offers", "careers_url"),
    _board("a JSON Feed", "items", "home_page_url", "feed_url", "content_html"))
EMPTY = {"jobs": "greenhouse", TOP: "lever"}
"""Of a list without any posting nothing else can be told; a board without vacancies is no error."""
XML = {
    "rss": "RSS without NeoGov's joblisting: namespace", "feed": "an Atom feed", "RDF": "RSS 1.0",
    "workzag-jobs": "Personio's XML", "source": "Indeed-like XML", "listing": "Indeed-like XML", "urlset": "a sitemap",
    "sitemapindex": "a sitemap"}


@dataclass
class Seen:
    """What was seen of a JSON document: names of members of the document and of what it lists, and which of its
    members are lists, with the number of their items."""

    names: set[str] = field(default_factory=set)
    names_of_items: set[str] = field(default_factory=set)
    lists: dict[str, int] = field(default_factory=dict)

    def board(self) -> str | None:
        """The name of a board, or None where nothing tells it yet."""
        found = self.names | self.names_of_items
        if found & JSON_LD:
            return "job-page"
        if "SearchResult" in self.names:
            return "USAJOBS' search answer in JSON"
        return next((each.name for each in BOARDS if each.items in self.lists and each.marks & found), None)

    def empty_board(self) -> str | None:
        return next((EMPTY[member] for member, count in self.lists.items() if member in EMPTY and not count), None)

    def words(self) -> str:
        """For what no board is known for."""
        what, names = ("list", self.names_of_items) if TOP in self.lists else ("object", self.names)
        shown = ", ".join(f"`{' '.join(name.split())[:LONGEST_NAME]}`" for name in sorted(names)[:NAMES_SHOWN])
        return f"a JSON {what} with {shown}" if shown else f"a JSON {what} without any names"
