"""What the name of a host says about who stands behind a link. Tables, and questions to them.

Written by hand from what is seen in comment spam; short on purpose. A table that names much
holds the links of ordinary people.
"""

from functools import lru_cache
from typing import Final


def _names(lines: str) -> frozenset[str]:
    return frozenset(lines.split())


SHORTENERS: Final = _names("""
    bit.ly tinyurl.com goo.gl t.co ow.ly is.gd v.gd buff.ly cutt.ly rb.gy shorturl.at tiny.cc
    adf.ly bc.vc ouo.io shorte.st linkvertise.com exe.io soo.gd s.id t.ly clck.ru vk.cc u.to
    bitly.com tr.im snipurl.com su.pr x.co lnkd.in dlvr.it rebrand.ly bl.ink short.io ity.im q.gs
    j.gs zpr.io urlz.fr shorturl.asia n9.cl kutt.it gg.gg qr.ae trib.al po.st mcaf.ee fb.me
    amzn.to linktr.ee
""")
# Links that open a chat with a stranger.
MESSENGERS: Final = _names("""
    t.me telegram.me telegram.dog wa.me chat.whatsapp.com api.whatsapp.com discord.gg
    discord.com/invite line.me signal.me m.me viber.click join.skype.com zalo.me wa.link tlgrm.ru
    msng.link
""")
# Endings that cost next to nothing; in every count of abused domains they lead.
CHEAP_ENDINGS: Final = _names("""
    xyz top club online site shop store icu buzz click link live loan men monster win bid vip
    cyou rest bar fun space website stream download racing party trade date review science work
    faith accountant cricket webcam gdn kim mom pw tk ml ga cf gq su lol cfd sbs quest bond
    beauty hair skin makeup casino poker bet sex porn xxx adult cam sexy finance mobi pro wang
    today win ltd rocks world life
""")
# Before two letters of a country these are part of the ending: example.co.uk is one site.
_SECOND_LEVEL: Final = _names("ac co com edu gob gov go ne net nom or org sch")
ENDINGS: Final = CHEAP_ENDINGS | _names("""
    com net org info biz edu gov mil int io co me tv cc app dev ai ly fm gg us uk de fr it es nl
    be ch at se no dk fi is ie pt pl cz sk hu ro bg gr tr ru ua by kz rs hr si lt lv ee il ae sa
    ir pk in bd lk np cn hk tw jp kr th vn my sg id ph au nz za ng ke eg ma dz br mx ar cl pe ve
    uy ca eu asia cat name jobs travel aero museum coop blog cloud tech agency email media news
    page wiki art design digital academy solutions services group network systems expert guru
    support marketing money credit cash games zone city company center care health clinic dental
    fitness diet pharmacy legal law attorney estate house homes properties rentals tours
    vacations express delivery supply sale discount deals gift love dating chat community social
    video photos pictures gallery studio film music band school university education training
    plus run tools gold luxury diamonds watch jewelry fashion shoes clothing boutique cafe pizza
    restaurant wine beer coffee eus to la st su gs im je sh ac am bz nu ws tl sc mn ms vc ag do
    li lu md mk cy ge az am al ba
""")
# Endings that are also words or file names: `end.it was`, `System.IO`, `script.sh`. Without a
# scheme, `www.` or a path they are not taken for a host.
UNSURE_ENDINGS: Final = _names("""
    io is it in me be at no to my so do am as by us la md sh pl rs cs py cc ai app dev run work
    zone page link date name plus care news club top live life love tools games media group music
    video chat city school win bar fun rest men mom bet cam space world today review party trade
    gold watch show sale art design blog email int im cat law id se de es al st ms sc ac pro lol
    site store online support services network systems company house center express delivery
    training education download stream click web money cash film band trade science social
    community health ne ie
""")
# Frameworks and products that look like hosts; they are in every technical discussion.
NOT_HOSTS: Final = _names("asp.net vb.net ado.net node.net paint.net system.net")

# One of these anywhere in a host says what is sold there.
_TRADE: Final = tuple(
    sorted(
        _names("""
    casino poker slots gambl betting jackpot roulette bingo lotter viagra cialis levitra pharma
    pills tablet onlinerx drugstore steroid painkill tramadol xanax kamagra weightloss loseweight
    dietpill garcinia ketodiet supplement malepower enlarge payday paydayloan loans cashadvance
    mortgage refinanc insurance creditcard creditrepair debtrelief forex bitcoin crypto
    investment binaryoption trading replica rolex vuitton handbag gucci chanel hermes prada
    burberry oakley rayban sunglass jordans nikeair airmax uggboots monclerjacket
    christianlouboutin outlet cheapjersey wholesale discount coupon promo cheap escort porn xxx
    sexcam hotgirl nudes camgirl adultdating hookup milf fetish essay homework dissertation
    termpaper assignmenthelp backlink seoservice seocompany linkbuild rankhigh traffic followers
    marketing advertis earnmoney makemoney workathome passiveincome affiliate attorney lawyer
    injury dentist dental plumb roofing locksmith carpetclean cleaningservice pestcontrol towing
    movers moving limousine carrental realestate apartment furniture mattress kitchenware vapor
    vape ecig cannabis cbdoil hempoil kratom kush torrent keygen crackserial warez freedownload
    moviestream iptv hosting webdesign repair remodel renovation flooring pavers concrete drywall
    hvac airconditioning solarpanel wedding jewelry jewellery diamond skincare antiaging hairloss
    botox surgery detox rehab psychic spellcast horoscope ringtone giftcard unlock jailbreak
    hacker resume translat giveaway reviews bestprice freeshipping buycheap buyonline shoponline
    onlineshop onlinestore
""")
    )
)
# Too short or too common inside other words: these count as a whole part, or at an edge.
_TRADE_PARTS: Final = _names("""
    bet bets slot pill pills rx drug drugs meds diet loan cash debt credit forex fx coin sex sexy
    cam cams girls dating date seo ads buy sell sale sales deal deals shop shops store stores
    price prices free best top online bags bag shoes boots watch watches jersey jerseys jacket
    jackets essay essays paper papers tax rent rental rentals homes home property clinic doctor
    law legal hotel hotels travel tour tours flights vacation taxi limo gold game games movie
    movies mp3 video videos download downloads software hack hacks cheats service services pro
    agency company supply supplies kitchen mattress bed tattoo yoga fitness gym muscle beauty
    hair skin makeup perfume car cars auto truck tires parts
""")
FREE_HOMES: Final = _names("""
    blogspot.com wordpress.com typepad.com livejournal.com tumblr.com medium.com github.io
    github.com gitlab.com twitter.com facebook.com linkedin.com flickr.com msdn.com asp.net
    google.com youtube.com wikipedia.org stackoverflow.com codeplex.com microsoft.com
    sourceforge.net substack.com about.me mastodon.social bsky.app
""")


def domain_of(host: str) -> str:
    """Return the part of `host` that somebody registered.

    >>> domain_of("shop.example.co.uk")
    'example.co.uk'
    """
    labels = host.split(".")
    inner = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if inner else labels[-2:])


@lru_cache(maxsize=4096)
def trade_score(host: str, path: str = "") -> float:
    """Return how much `host` sounds like a shop front: 0 not at all, 1 clearly, at most 2.

    One word of trade anywhere in the name counts 1, a short one as a part of its own 0.5.
    Hosts where anybody has a page are judged by nothing: 0. A strong word in the `path`
    counts 0.5.

    >>> trade_score("best-casino-bonus.example.com"), trade_score("sussex-birds.example.org")
    (1.5, 0.0)
    """
    domain = domain_of(host)
    if domain in FREE_HOMES:
        return 0.0
    labels = host.split(".")
    names = [label for label in labels[:-1] if label != "www" and label not in _SECOND_LEVEL]
    packed = ".".join(names)[:100].replace("-", "")
    strong = any(word in packed for word in _TRADE)
    parts = {part for name in names for part in name[:100].split("-")}
    weak = len(parts & _TRADE_PARTS)
    said = path[:200].lower().replace("-", "")
    deep = bool(said) and any(word in said for word in _TRADE)
    return min(2.0, strong + 0.5 * min(weak, 2) + 0.5 * deep)


def is_crowded(host: str) -> bool:
    """Say whether `host` is stuffed: many labels, hyphens or digits, as machines name them."""
    name = host.removeprefix("www.")
    digits = sum(char.isdigit() for char in name)
    return name.count(".") >= 4 or name.count("-") >= 3 or digits >= 5
