"""Characters that are read as Latin letters and are none, and those that are not seen at all.

Picked by hand from the idea of Unicode Technical Standard 39 (confusables), Unicode 15: only
what a reader takes for the letter in running text. Compatibility forms (full-width, styled
mathematical, circled, squared) come from `unicodedata`, whose NFKC says which letter they are.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final


def _pairs(letters: str, signs: str) -> dict[str, str]:
    return dict(zip(signs, letters, strict=True))


# Not seen: zero-width, bidi controls, soft hyphen, fillers and the tag characters. The joiners
# are apart, as Persian, Indic scripts and emoji are written with them.
INVISIBLE: Final = frozenset(
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u200b\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206a"
    "\u206b\u206c\u206d\u206e\u206f\u3164\ufeff\uffa0\ufff9\ufffa\ufffb"
) | {chr(code) for code in (*range(0xE0000, 0xE0080), *range(0xE0100, 0xE01F0))}
JOINERS: Final = frozenset("\u200c\u200d\ufe0e\ufe0f\u20e3")

# Blocks whose NFKC form is plain letters or digits: phonetic and small capitals, super- and
# subscripts, letterlike, enclosed, squared units, half- and full-width forms, ligatures, styled
# mathematical letters, enclosed letters of the emoji block.
_STYLED: Final = (
    (0x00AA, 0x00BB), (0x02B0, 0x02E5), (0x1D2C, 0x1D6B), (0x1D9B, 0x1DC0), (0x2070, 0x209D),
    (0x2100, 0x2150), (0x2460, 0x24FF), (0x3248, 0x3250), (0xFB00, 0xFB07), (0xFF01, 0xFF5F),
    (0x1D400, 0x1D800), (0x1F100, 0x1F150), (0x1FBF0, 0x1FBFA), (0x2160, 0x2180),
)  # fmt: skip
# NFKC leaves small capitals and letters on dark boxes as they are.
_SMALL: Final = _pairs(
    "abcdejklmnopqrtuvwzghiynrlbgsfoigasrrlvyw",
    "ᴀʙᴄᴅᴇᴊᴋʟᴍɴᴏᴘꞯʀᴛᴜᴠᴡᴢɢʜɪʏɲɹɭɓɠʂƒɵɩɡɑƨɾʁƖʋʎɯ",
)
_SIGNS: Final = {"⭕": "o", "❌": "x", "✖": "x", "❗": "!", "💲": "$", "➕": "+", "ℹ": "i"}
_SIGNS_BLANK: Final = {"\u2800": " ", "\u1680": " ", "\u3000": " "}


def _compatible() -> Iterator[tuple[str, str]]:
    for start, end in _STYLED:
        for code in range(start, end):
            plain = unicodedata.normalize("NFKC", chr(code))
            # "(a)" and "1." are one letter in a bracket or with a full stop.
            plain = plain.strip("().,〔〕") or plain
            # "™" and "№" are words of their own; ligatures and "⑩" are parts of one.
            whole = len(plain) == 1 or plain.isdigit() or 0xFB00 <= code < 0xFB07
            if plain.isascii() and whole:
                yield chr(code), plain


def _boxed() -> Iterator[tuple[str, str]]:
    for start in (0x1F150, 0x1F170):
        for place in range(26):
            yield chr(start + place), chr(ord("A") + place)
    for place in range(10):
        # Dingbat digits in circles, dark and light.
        yield chr(0x2776 + place), str((place + 1) % 10)
        yield chr(0x2780 + place), str((place + 1) % 10)


STYLED: Final[Mapping[str, str]] = {
    **dict(_compatible()), **dict(_boxed()), **_SMALL, **_SIGNS, **_SIGNS_BLANK
}  # fmt: skip
REGIONAL: Final = {chr(0x1F1E6 + place): chr(ord("a") + place) for place in range(26)}

# Look exactly or nearly like the letter: trusted where a whole word is made of them.
_CYRILLIC: Final = _pairs(
    "aeopcyxsijhdqwlABEKMHOPCTXYSIJFGVbhe", "аеорсухѕіјһԁԛԝӏАВЕКМНОРСТХУЅІЈҒԌѴЬҺё"
) | {"Ё": "E", "ї": "i", "Ї": "I", "ү": "y", "ӕ": "a", "ԍ": "g", "ѵ": "v", "ӧ": "o", "ґ": "r"}
_GREEK: Final = _pairs("ABEZHIKMNOPTYXaoviupkxyntwe", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαονιυρκχγητωε") | {
    "ί": "i", "ό": "o", "ά": "a", "έ": "e", "ύ": "u", "ή": "n", "ώ": "w", "ϊ": "i", "ϋ": "u",
    "ς": "s", "ϲ": "c", "ϳ": "j", "Ϲ": "C", "ϱ": "p", "β": "b", "ϐ": "b", "ϵ": "e", "ϑ": "o",
}  # fmt: skip
_ARMENIAN: Final = _pairs("ouhnqgfiSOLUwd", "օսհոզցքիՏՕԼՍաժ") | {"ց": "g", "ք": "p", "ղ": "n"}
_CHEROKEE: Final = _pairs("DRTiYAJEWMHGhZSVLCPKbBsod", "ᎠᎡᎢᎥᎩᎪᎫᎬᎳᎷᎻᏀᏂᏃᏚᏙᏞᏟᏢᏦᏏᏴᏕᎤᏧ") | {
    "Ꮪ": "S", "Ꮓ": "Z", "Ꮇ": "M", "Ꮃ": "W", "Ꮮ": "L", "Ꮯ": "C", "Ꮲ": "P", "Ꮶ": "K", "Ꭺ": "A",
    "Ꭼ": "E", "Ꮋ": "H", "Ꮐ": "G", "Ꭻ": "J", "Ꮩ": "V", "Ꮤ": "W", "Ꮖ": "I", "Ꭹ": "y", "Ꮢ": "R",
}  # fmt: skip
_LISU: Final = _pairs("ABCDEFGHIJKLMNOPRSTUVWXYZ", "ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ")
_COPTIC: Final = _pairs("HKMNOPCTXhkmnopctx", "ⲎⲔⲘⲚⲞⲢⲤⲦⲬⲏⲕⲙⲛⲟⲣⲥⲧⲭ")
# "Fancy text" generators: syllabics, bopomofo and ideographs drawn as letters.
_SYLLABICS: Final = _pairs("ABCDFHJLMNPQRSUVWXZ", "ᗩᗷᑕᗪᖴᕼᒍᒪᗰᑎᑭᑫᖇᔕᑌᐯᗯ᙭ᘔ")
_IDEOGRAPHS: Final = _pairs(
    "ABCDEFGHIJLMNOPRSTUWXYZ", "卂乃匚刀乇千厶卄丨ﾌㄥ爪几ㄖ卩尺丂ㄒㄩ山乂ㄚ乙"
)
# Letters of living alphabets that no decomposition takes their stroke or hook from.
BARRED: Final = _pairs("oldhitbeeuOLDI", "øłđħıŧƀəɛʉØŁĐİ")
# Read as the letter only beside real ones ("Уou аrе иot"): trusted in mixed words alone.
_LOOSE: Final = _pairs("RNHBTKMNUWWEBbrARNEOOnonhdu", "ЯИНВТКМПЦШЩЭЪьгДГЛЗФЮпотнцџ") | {
    "я": "r", "и": "n", "н": "h", "в": "b", "т": "t", "к": "k", "м": "m", "ш": "w", "щ": "w",
    "э": "e", "з": "e", "б": "b", "д": "d", "л": "n", "ч": "y", "ж": "x", "ф": "o", "ю": "o",
    "ө": "o", "ә": "e", "қ": "k", "ң": "h", "ҳ": "x", "ҝ": "k", "Ҝ": "K", "й": "n", "у": "y",
    "Λ": "A", "Σ": "E", "Δ": "A", "Θ": "O", "Φ": "O", "Γ": "r", "Π": "n", "Ω": "O", "Ψ": "w",
    "λ": "a", "σ": "o", "δ": "d", "θ": "o", "φ": "o", "π": "n", "μ": "u", "ζ": "z", "ξ": "e",
}  # fmt: skip

LOOKALIKES: Final[Mapping[str, str]] = {
    **_CYRILLIC, **_GREEK, **_ARMENIAN, **_CHEROKEE, **_LISU, **_COPTIC, **_SYLLABICS,
    **_IDEOGRAPHS,
}  # fmt: skip
MIXED_LOOKALIKES: Final[Mapping[str, str]] = {**_LOOSE, **LOOKALIKES}
