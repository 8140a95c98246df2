"""Encodings: found from a few words in mostly ASCII files; where the bytes leave it open, it is asked about."""

import io
from itertools import cycle, islice

import pytest

from annotation.errors import ImportRefused
from annotation.formats import Hints, inspect_file, read_rows
from annotation.formats.encodings import guess_encoding

ROWS = 120
DENSITIES = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120)  # rows beyond ASCII
SENTENCES = {
    "German": "Die Lieferung kam spät|Der Süden ist schön|ein größeres Gerät|für meine Frau|völlig überzogen|Straße",
    "French": "un café très cher|le garçon a été aimable|où est la fenêtre|déçu par la qualité|prêt à porter|élève",
    "Spanish": "el niño llegó tarde|una habitación pequeña|buenísimo, señor|más información|año nuevo|la película",
    "Polish": "Łódź jest piękna|obsługa była miła|za późno przyszło|książka dla dzieci|świetny produkt|żółte",
    "Russian": "Очень хороший товар|доставка была быстрой|не рекомендую|всё понравилось|плохое качество|спасибо",
    "Greek": "Ελλάδα|πολύ καλό προϊόν|δεν μου άρεσε|γρήγορη αποστολή|καλημέρα σας|ωραία ταινία",
    "Chinese": "这家店的服务很好|味道一般，不推荐|物流很快|质量太差了|下次还会来|性价比高",
    "Taiwanese": "這個產品非常好用|品質太差，不推薦購買|下次還會購買|服務很好|送貨很快|很失望",
    "Japanese": "とても良い商品でした|届いた商品が壊れていました|残念です|また買います|値段が高い|美味しい",
    "Korean": "배송이 빠르고 좋아요|품질이 별로입니다|다시는 안 살 거예요|정말 추천합니다|가격이 비싸요|맛있어요",
}
WRITTEN_IN = {
    "German": ("cp1252", "latin-1", "cp1250"),
    "French": ("cp1252", "latin-1", "iso8859-15"),
    "Spanish": ("cp1252", "latin-1"),
    "Polish": ("cp1250", "iso8859-2"),
    "Russian": ("cp1251", "koi8-r"),
    "Greek": ("cp1253",),
    "Chinese": ("gb18030", "gbk"),
    "Taiwanese": ("big5",),
    "Japanese": ("shift_jis",),
    "Korean": ("euc-kr",),
}
CASES = [
    (language, encoding, density)
    for language, encodings in WRITTEN_IN.items()
    for encoding in (*encodings, "utf-8", "utf-16", "utf-16-le")
    for density in DENSITIES
]


def written(sentences: list[str], density: int) -> str:
    """Return a table of which so many rows, spread over it, hold one of the sentences."""
    texts = [f"plain row number {n}" for n in range(ROWS)]
    for n, sentence in zip(range(density), cycle(sentences), strict=False):
        texts[n * ROWS // density] = f"{sentence} {n}"
    return "".join(f'"{text}",x\n' for text in ["text", *texts])


@pytest.mark.parametrize("language", SENTENCES)
def test_the_encoding_of_a_mostly_ascii_file_is_found_or_asked_about(language: str) -> None:
    """Each sentence comes first once, so that it is all there is at density 1; 99 in 100 are right."""
    sentences = SENTENCES[language].split("|")
    right, asked, wrong = 0, 0, []
    for _language, encoding, density in (case for case in CASES if case[0] == language):
        for start in range(len(sentences)):
            text = written(list(islice(cycle(sentences), start, start + len(sentences))), density)
            guess = guess_encoding(text.encode(encoding))
            if text.encode(encoding).decode(guess.encoding) == text.encode(encoding).decode(encoding):
                right += 1
            elif guess.is_certain:
                wrong.append((encoding, density, start, guess))
            else:
                asked += 1
    assert not wrong
    assert right >= 0.99 * (right + asked)


@pytest.mark.parametrize(
    "encoding",
    ["cp1252", "cp1250", "cp1251", "cp1253", "iso8859-2", "koi8-r", "gb18030", "big5", "shift_jis", "euc-kr"],
)
@pytest.mark.parametrize("word", ["Süd", "für", "größer", "café", "Señor", "Łódź", "Привет мир", "Ελλάδα"])
@pytest.mark.parametrize("density", [1, 2, 10, ROWS])
def test_single_words(word: str, encoding: str, density: int) -> None:
    try:
        raw = written([word], density).encode(encoding)
    except UnicodeEncodeError:
        return  # the encoding has no such letters
    guess = guess_encoding(raw)
    assert raw.decode(guess.encoding) == raw.decode(encoding) or not guess.is_certain


def test_what_the_next_guess_would_read_is_shown() -> None:
    """One ñ may be an ń: the file is read, and a person is shown the row and asked."""
    found = inspect_file(io.BytesIO("text\nplain\nSe\u00f1or\n".encode("cp1252")))
    assert found.options.encoding == "cp1252"
    assert found.other_encoding.encoding == "cp1250"
    assert not found.other_encoding.is_excluded
    assert found.other_encoding.examples == (("Señor", "Seńor"),)


def test_bytes_that_are_no_text_are_refused_or_asked_about() -> None:
    noise = bytes(128 + (n * 73 + n * n * 31) % 128 for n in range(4000))
    try:
        certain = guess_encoding(noise).is_certain
    except ImportRefused:
        certain = False
    assert not certain


def test_a_person_goes_before_the_guess() -> None:
    raw = "text\nSüd\n".encode("cp1252")
    found = inspect_file(io.BytesIO(raw), Hints(encoding="cp1251"))
    assert found.options.encoding == "cp1251"
    assert next(iter(read_rows(io.BytesIO(raw), found.options))).fields == {"text": "Sьd"}  # type: ignore[union-attr]
