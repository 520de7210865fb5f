"""Throw-away e-mail addresses: domains where anybody reads anybody's mail for some minutes."""

from functools import lru_cache


def find(email: str, more: tuple[str, ...] = ()) -> str | None:
    """The domain, known or among `more`, that the address is of; subdomains are of it too."""
    labels = email.rpartition("@")[2].strip().lower().rstrip(".").split(".")
    own = _prepare(more)
    for start in range(len(labels) - 1):
        domain = ".".join(labels[start:])
        if domain in KNOWN or domain in own:
            return domain
    return None


@lru_cache(maxsize=64)
def _prepare(domains: tuple[str, ...]) -> frozenset[str]:
    return frozenset(domains)


_LIST = """
0-mail.com 10minutemail.co.za 10minutemail.com 10minutemail.net 10minutesmail.com
20minutemail.com 20minutemail.it anonbox.net binkmail.com bobmail.info byom.de chammy.info
correotemporal.org crazymailing.com deadaddress.com devnullmail.com discard.email
discardmail.com discardmail.de disposable-email.ml disposableaddress.com disposableinbox.com
disposemail.com dispostable.com dodgeit.com dontsendmespam.de drdrb.com dropmail.me
dumpmail.de easytrashmail.com einrot.com email-fake.com emailfake.com emailondeck.com
emailtemporanea.com emailtemporanea.net emailtemporario.com.br emlhub.com emlpro.com
emltmp.com fakeinbox.com fakemail.net fakemailgenerator.com fastmazda.com filzmail.com
fleckens.hu generator.email getairmail.com getmails.eu getnada.com getonemail.com grr.la
guerrillamail.biz guerrillamail.com guerrillamail.de guerrillamail.info guerrillamail.net
guerrillamail.org guerrillamailblock.com gustr.com harakirimail.com hmamail.com
inboxbear.com inboxkitten.com incognitomail.com incognitomail.org jetable.com jetable.fr.nf
jetable.net jetable.org jourrapide.com kasmail.com kurzepost.de letthemeatspam.com
linshiyouxiang.net mail-temporaire.fr mail.tm mail7.io mailcatch.com maildrop.cc
mailexpire.com mailforspam.com mailinator.com mailinator.net mailinator.org mailinator2.com
mailmetrash.com mailna.me mailnesia.com mailnull.com mailpoof.com mailsac.com mailshell.com
mailtemp.info mailtothis.com mailzilla.com meltmail.com mintemail.com minutemailbox.com
moakt.cc moakt.com mohmal.com mohmal.in mt2015.com mytemp.email mytempemail.com
mytrashmail.com nada.email no-spam.ws nomail.xl.cx nospam.ze.tc nowmymail.com objectmail.com
onewaymail.com owlymail.com pokemail.net proxymail.eu rcpt.at receiveee.com rhyta.com
sharklasers.com shitmail.me sogetthis.com spam.la spam4.me spamavert.com spambog.com
spambog.de spambox.us spamcowboy.com spamfree24.org spamherelots.com spamhole.com spaml.com
spamspot.com superrito.com suremail.info teleworm.us temp-mail.io temp-mail.org tempail.com
tempemail.co tempemail.net tempinbox.com tempmail.de tempmail.dev tempmail.eu tempmail.plus
tempmailaddress.com tempmailo.com tempomail.fr temporaryemail.net temporaryinbox.com
thankyou2010.com throwam.com throwaway.email throwawaymail.com tmail.ws tmailinator.com
tmpmail.net tmpmail.org trash-mail.at trash-mail.com trash-mail.de trashmail.com
trashmail.de trashmail.me trashmail.net trashmail.ws trashymail.com trbvm.com tyldd.com
wegwerfemail.de wegwerfmail.de wegwerfmail.net wegwerfmail.org wh4f.org yopmail.com
yopmail.fr yopmail.net zetmail.com zippymail.info zoemail.org
"""

KNOWN = frozenset(_LIST.split())
"""Well-known ones, each with all its subdomains."""
