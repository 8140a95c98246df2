"""How likely text is in an old encoding: which letters languages write, and how their bytes look in another code page.

A text is scored as a chain of characters: how often the languages of an encoding write each character beyond ASCII, and
whether it may follow the one before it. The same bytes are many rare or ill-matched characters in a wrong code page.
"""

import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from math import log

ASCII_COST = log(1 / 30)  # of a letter that is ASCII: about what one is in ordinary text
FOREIGN_PRIOR = 0.01  # of another script in an encoding of two bytes a character
RARE = 1e-6  # share of a character that the languages of an encoding do not write
PUNCTUATION_SHARE = 0.04  # of what is beyond ASCII
RANK_OFFSET = 4  # letters are taken to be as frequent as 1 / (rank + this)
SMALL_PER_CAPITAL = 15  # small letters for each capital of the same letter
PUNCTUATION = "’“”–…«»„‘—°€·§•™®©´ \u00a0×½²³±µ£¿¡ºª"
WIDE_PUNCTUATION = "，。、！？：；（）“”「」『』《》…—·～　％＂"
# letters beyond ASCII, the most frequent first; upper case follows from lower
WESTERN = (
    "äüößÖÄÜ",
    "éèàêçùâîôûëïœæ",
    "óíáéñúü",
    "ãçáéíóêõâúàô",
    "àèòùìéî",
    "åäö",
    "øåæéö",
    "ëéïöèü",
    "áíðéþóúýöæ",
    "àèéòóíçúïü",
)
CENTRAL = ("łóąężśćńź", "íáéěřčšžýůúňťďóö", "áéöőüóíúű", "ăîâşţș", "čšžćđ", "áíčžšýéúľťôňďäóĺŕ")
BALTIC = ("ėųžšįūčąę", "āīšēņūļčģķž", "äõüöšž")
TURKISH = ("ıişğüöç",)
RUSSIAN = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
CYRILLIC = (
    RUSSIAN,
    "оаинвітерслкудмпяьзгбчюйхцжшєїщфґ",
    "аиоетнрвсдлкпмзубгячщжъцхфшюйь",
    "аоиенртсјкувлдмпзгбчшжњљцћђхфџ",
)
GREEK = ("αοιετσνηυρπκμλωςγδθχφβξζψάόίέήύώϊϋΐ",)
HEBREW = ("יוהלארבמתשנדעקםכפחטגזצןסךףץ",)
ARABIC = ("اليمنوتربدعكسفحقهجةشصخىطذغضءثزأإئؤظآپچژگ،؟",)
THAI = ("านรกอเงมยลวดทตสปคบขพหจใไชแโผฟธซฉณญศภถฐษฎฬฮะัาิีุู่้็์ำื",)
CHINESE = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学"
    "如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将"
    "两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及"
    "比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统"
    "区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共"
    "确传师观清今切院让识候带导争运笑飞风步改收根干造言联持组每济车亲极林服快办议往元英士证近失转夫令准布始怎呢存未远叫台单影具罗字爱击"
    "流备兵连调深商算质团集百需价花党华城石级整府离况亚请技际约示复病息究线似官火断精满支视消越器容照须九增研写称企八功吗包片史委乎查轻易"
    "早曾除农找装广显吧阿李标谈吃图念六引历首医局突专费号尽另周较注语仅考落青随选列武红响虽推势参希古众构房半节土投某案黑维革划敌致陈律足"
    "态护七兴派孩验责营星够章音跟志底站严巴例防族供效续施留讲型料终答紧黄绝奇察母京段依批群项故按河米围江织害斗双境客纪采举杀攻父苏密低朝"
    "友诉止细愿千值仍男钱破网热助倒育属坐帝限船脸职速刻乐否刚威毛状率甚独球般普怕弹校苦创买卖货质店评价服务质量喜欢味道产品购物推荐差坏",
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學"
    "如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將"
    "兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及"
    "比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統"
    "區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共"
    "確傳師觀清今切院讓識候帶導爭運笑飛風步改收根幹造言聯持組每濟車親極林服快辦議往元英士證近失轉夫令準布始怎呢存未遠叫臺單影具羅字愛擊"
    "流備兵連調深商算質團集百需價花黨華城石級整府離況亞請技際約示復病息究線似官火斷精滿支視消越器容照須九增研寫稱企八功嗎包片史委乎查輕易"
    "早曾除農找裝廣顯吧阿李標談吃圖念六引歷首醫局突專費號盡另周較註語僅考落青隨選列武紅響雖推勢參希古眾構房半節土投某案黑維革劃敵致陳律足"
    "台灣買賣貨店評價品質喜歡味道購物推薦壞負",
)
JAPANESE = (
    "のにはをがとでたしてもるれいなさんこらかっまりすきくえうおあじどつけだそめちよせわやびみぎばごずろげほへぶむゆぐひざょゃゅ"
    "ンースルトクリアイラッドレジタシフィロテマムプメバコデカサャオナグニブュパョチウエキダハベツネモノケポソミセワガビゼヤボ"
    "日本人大年会国中出上一生者行学時分気社事月間方前地場合自手見今新入部業品長者高内後金力的同体小対商良悪物店料理名買使届残念番目円",
)
KOREAN = (
    "이다는에의하가을고지로도기사은한를리어아자대서시나정일인과부보수해스그만전들장여구제라주원상조동있면것소성공신선음유안경비적우오용"
    "관학국게화세요니마방무으계치생내문진미습개물위거중당연않없했었된될좋정말감합였운모저더때까또못받느너네래럼많배송품별최",
)


@dataclass(frozen=True)
class CodePage:
    """An encoding with the letters of its languages, and how often files are written in it."""

    encoding: str
    prior: float
    languages: tuple[str, ...]
    is_wide: bool = False  # characters of two bytes, those of other scripts among them
    joined: bool = False  # letters beyond ASCII stand beside each other, not among ASCII ones

    @cached_property
    def log_probabilities(self) -> tuple[dict[str, float], ...]:
        """Return {character: log of its share} for each language."""
        foreign = (RUSSIAN, *GREEK, "".join(WESTERN), "".join(JAPANESE), *CHINESE) if self.is_wide else ()
        return tuple(_log_probabilities(letters, is_wide=self.is_wide) for letters in (*self.languages, *foreign))


CODE_PAGES = (
    CodePage("cp1252", 0.6, WESTERN),
    CodePage("cp1250", 0.06, CENTRAL),
    CodePage("iso8859-2", 0.02, CENTRAL),
    CodePage("cp1251", 0.08, CYRILLIC, joined=True),
    CodePage("koi8-r", 0.02, (RUSSIAN,), joined=True),
    CodePage("cp866", 0.01, (RUSSIAN,), joined=True),
    CodePage("iso8859-5", 0.002, CYRILLIC, joined=True),
    CodePage("cp1253", 0.03, GREEK, joined=True),
    CodePage("iso8859-7", 0.005, GREEK, joined=True),
    CodePage("cp1254", 0.03, TURKISH),
    CodePage("cp1257", 0.01, BALTIC),
    CodePage("cp1255", 0.01, HEBREW, joined=True),
    CodePage("cp1256", 0.01, ARABIC, joined=True),
    CodePage("cp874", 0.005, THAI, joined=True),
    CodePage("cp850", 0.01, WESTERN),
    CodePage("mac_roman", 0.01, WESTERN),
    CodePage("gb18030", 0.08, CHINESE[:1], is_wide=True),
    CodePage("big5", 0.03, CHINESE[1:], is_wide=True),
    CodePage("cp932", 0.04, JAPANESE, is_wide=True),
    CodePage("euc_jp", 0.005, JAPANESE, is_wide=True),
    CodePage("cp949", 0.03, KOREAN, is_wide=True),
)


def log_likelihood(text: str, page: CodePage) -> float:
    """Return the log of how likely a decoded text is in a code page: the best of its languages.

    >>> western, greek = CODE_PAGES[0], CODE_PAGES[7]
    >>> raw = "Süd".encode("cp1252")
    >>> log_likelihood(raw.decode("cp1252"), western) > log_likelihood(raw.decode("cp1253"), greek)
    True
    """
    words = Counter(_non_ascii_words(text))
    scores = []
    for index, table in enumerate(page.log_probabilities):
        prior = 0.0 if index < len(page.languages) else log(FOREIGN_PRIOR)
        scores.append(prior + sum(count * _word_log_likelihood(word, page, table) for word, count in words.items()))
    return log(page.prior) + max(scores)


def _non_ascii_words(text: str) -> list[str]:
    """Return the stretches without white space that have something beyond ASCII."""
    return [word for word in text.split() if not word.isascii()]


@cache
def _log_probabilities(letters: str, *, is_wide: bool) -> dict[str, float]:
    """Return {character: log of its share} of a language, given its letters, the most frequent first."""
    weights: dict[str, float] = {}
    for rank, letter in enumerate(dict.fromkeys(letters)):
        weights[letter] = 1 / (rank + RANK_OFFSET)
    for letter in list(weights):
        upper = letter.upper()
        if upper != letter and len(upper) == 1:
            weights.setdefault(upper, weights[letter] / SMALL_PER_CAPITAL)
    total = sum(weights.values())
    marks = WIDE_PUNCTUATION if is_wide else PUNCTUATION
    table = {mark: log(PUNCTUATION_SHARE / len(marks)) for mark in marks}
    return table | {letter: log((1 - PUNCTUATION_SHARE) * weight / total) for letter, weight in weights.items()}


def _word_log_likelihood(word: str, page: CodePage, table: dict[str, float]) -> float:
    total, before = 0.0, ""
    for char in word:
        if char.isascii():
            total += ASCII_COST + _transition_log_probability(before, char, page)
        else:
            total += table.get(char, _rare_log_probability(char)) + _transition_log_probability(before, char, page)
        before = char
    return total


def _rare_log_probability(char: str) -> float:
    """Return the log share of a character that none of the languages writes often."""
    category = unicodedata.category(char)
    if category in ("Cc", "Co", "Cn"):
        return log(RARE) * 2
    if "一" <= char <= "鿿" or "가" <= char <= "힣":
        return log(2e-5)
    return log(RARE)


def _transition_log_probability(before: str, char: str, page: CodePage) -> float:
    """Return the log of how likely a character follows another: words are of one script, capitals come first."""
    if not before:
        return log(0.5)
    ascii_before, ascii_now = before.isascii(), char.isascii()
    if ascii_before and ascii_now:
        return 0.0
    letters = before.isalpha() and char.isalpha()
    if letters and before.islower() and char.isupper():
        return log(0.002)
    if page.is_wide:
        return log(0.1) if ascii_before != ascii_now and letters else log(0.9)
    if not letters:
        inside = before.isalpha() or char.isalpha()
        return log(0.5) if inside and not _is_odd_mark(before) and not _is_odd_mark(char) else log(0.05)
    if page.joined:
        return log(0.95) if not ascii_before and not ascii_now else log(0.0005)
    return log(0.06) if not ascii_before and not ascii_now else log(0.7 if not ascii_before else 0.08)


def _is_odd_mark(char: str) -> bool:
    """Whether a character is a sign that seldom stands beside a letter."""
    return not char.isascii() and not char.isalpha() and char not in "’“”„«»‘…–—、。，！？：；（）\u00a0"
