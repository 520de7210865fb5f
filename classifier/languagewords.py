"""The small words of some thirty languages, by which a reader tells them apart at a glance.

Written by hand from grammars' lists of articles, pronouns, prepositions and common verbs.
"""

from collections.abc import Mapping
from typing import Final

SMALL_WORDS: Final[Mapping[str, str]] = {
    "en": """
        the of and to in is you that it he was for on are as with his they i at be this have
        from or one had by but not what all were we when your can said there use an each which
        she do how their if will up other about out many then them these so some her would make
        like him into time has look two more go see no way could people my than been who its now
        did get because why just don t s m re ve ll know think me should does only even any very
        here where our us am being much too still really never over""",
    "es": """
        el la los las de del y que en un una es por con no para se lo su como más pero sus le ya
        o este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde
        todo nos durante todos uno les ni contra otros ese eso ante ellos e esto mí antes
        algunos qué unos yo otro otras otra él tanto esa estos mucho quienes nada muchos cual
        poco ella estar estas algunas algo nosotros mi mis tú te ti tu tus ellas son está están
        ser tiene fue gracias hola usted creo bien eres soy alguien sabe mejor ahora vez siempre
        así años mismo puede hace hacer estamos estoy hemos dijo aquí gente llevamos nuestro
        vamos""",
    "pt": """
        o a os as de do da dos das e que em um uma é por com não para se na no nas nos mais como
        mas foi ao ele tem à seu sua ou ser quando muito há já está eu também só pelo pela até
        isso ela entre era depois sem mesmo aos ter seus quem me esse eles estão você tinha
        foram essa num nem suas meu às minha têm numa pelos elas havia seja qual nós lhe deles
        essas esses aqui obrigado muita porque então são isto tudo vocês acho bom alguém sabe
        melhor agora vez sempre assim anos pode faz fazer estamos estou temos disse gente nosso
        vamos""",
    "fr": """
        le la les de des du et à un une est que en qui dans pour pas sur au ce il par ne se plus
        avec tout mais nous vous je tu elle on son sa ses leur leurs c d l n s j qu ou où cette
        ces être fait même aussi bien comme ont été sont était mon ma mes ton ta tes très si y
        moi toi lui eux sans sous peut faire aux donc alors quand rien ça cela votre notre c'est
        merci bonjour parce encore trop suis avez quelqu quelque avait avons fois ans maintenant
        toujours chaque jamais nos vos serait avant pendant après""",
    "it": """
        il lo la i gli le di a da in con su per tra fra e è che un una uno non sono del della
        dei delle nel nella al alla dal dalla come più ma anche se si mi ti ci vi questo questa
        quello ho hai ha abbiamo hanno era essere fare molto tutti tutto cosa perché quando chi
        dove io tu lui lei noi voi loro suo sua mio mia tuo sei grazie ciao così solo già ancora
        sempre bene poi ai degli alle sul sulla stato quindi però qui qualcuno sa meglio adesso
        volta anni stesso può siamo detto prima dopo gente nostro questi quelle penso credo ora""",
    "ca": """
        el la els les de del dels i que en un una és per amb no a al als es ho ha són com més
        però si ja aquest aquesta també molt tot tots seva seu jo tu nosaltres vosaltres ell
        ella això quan perquè on sense fins entre he has hem han va ser estar fer gràcies bon
        dia meu meva aquests pel gairebé doncs""",
    "ro": """
        și în de la cu pe un o este nu că se din pentru sunt mai care a fi ce dar au fost al ai
        ale lui ei el ea noi voi eu tu mi îmi ți cum când unde acest această sau foarte după
        până prin între fără asta tot toate decât doar bine mulțumesc fiind am are avea avem
        dacă unei unui acum aici nici""",
    "nl": """
        de het een en van in is dat op te zijn met voor niet die aan er om ook als maar dan bij
        nog uit naar door over ze hij zij we wij je jij ik mij hem haar ons hun u heeft hebben
        had heb was waren wordt worden werd kan kunnen zou moet mijn jouw dit deze wat wie waar
        hoe waarom geen wel veel meer al toen omdat goed bedankt zo heel iemand nooit altijd
        hadden keer tijd jaar mensen volgens daarom misschien eens onze gaat""",
    "af": """
        die en van in is dat op te met vir nie aan om ook as maar dan by nog uit na deur oor
        hulle hy sy ons jy ek my hom haar julle het was word kan sal moet hierdie wat wie waar
        hoe hoekom geen baie meer al toe omdat goed dankie so n wees gaan""",
    "de": """
        der die das und in zu den ist von mit nicht sich auf für ein eine einen einem einer dem
        des es sie er ich wir ihr du auch als an aus bei nach wie wenn aber oder nur noch so
        dass daß kann hat haben hatte sind war wird werden um über am im zum zur bis mehr man
        mich mir dir dich uns euch mein dein sein kein keine was wer wo warum weil schon sehr
        gut danke doch mal hier immer durch vor gibt habe bin""",
    "da": """
        og i at det er en den til på som de med han af for ikke der var mig sig men et har om vi
        min havde ham hun nu over da fra du ud sin dem os op man hans hvor eller hvad skal selv
        her alle vil blev kunne ind når være dog noget ville jo deres efter ned skulle denne end
        dette mit også under have dig anden hende meget tak hvis jeg kan bliver synes mange""",
    "no": """
        og i at det er en den til på som de med han av for ikke der var meg seg men et har om vi
        min hadde ham hun nå over da fra du ut sin dem oss opp man hans hvor eller hva skal selv
        her alle vil bli ble kunne inn når være noe ville jo deres etter ned skulle denne enn
        dette mitt også under ha deg henne mye takk hvis jeg kan blir synes mange bare""",
    "sv": """
        och i att det är en den till på som de med han av för inte där var mig sig men ett har
        om vi min hade honom hon nu över då från du ut sin dem oss upp man hans eller vad ska
        själv här alla vill blev kunde in när vara något deras efter ner skulle denna än detta
        mitt också under ha dig henne mycket tack jag kan blir tycker många bara så utan""",
    "is": """
        og að í á er það sem við til en um var ekki með hann hún þetta þeir þær af fyrir eru ég
        þú mig þig sig hafa hefur hafði eða frá svo eins þegar verið vera hvað hver mjög takk""",
    "fi": """
        ja on ei se että oli hän mutta ovat kuin myös minä sinä me te he mitä tämä joka niin ole
        jos kun vain tai sen ne voi olla olen olet nyt vielä sitten kanssa mukaan ennen jälkeen
        koska kuinka missä miksi hyvä kiitos paljon minun sinun hänen mun sun siis enää aina
        ihan tässä tuo siitä sitä""",
    "et": """
        ja on ei see et oli ta aga kui ka mina sina meie teie nad mida mis kes nii ole siis või
        seda kõik väga olen oled olla nüüd veel ainult pärast enne koos kuidas kus miks hea
        tänan palju minu sinu tema need selle ning juba sest""",
    "hu": """
        a az és hogy nem is ez egy van volt de meg csak már még mint ha ki mi én te ő mert vagy
        ezt azt lesz sem nagyon kell pedig lehet után minden most itt ott jó köszönöm miért hol
        mikor nekem neked el fel le be olyan aki ami amely így úgy vagyok vagyunk nincs""",
    "pl": """
        i w nie na się z do to że jest o jak ale po co tak za od jego go już tylko przez był
        była było być dla czy ten ta te tym tego które który która są ma może mnie mi ja ty my
        wy oni jestem sobie gdy także oraz bardzo kiedy gdzie dlaczego więc jeszcze dziękuję
        proszę dobrze ich jej przed pod bez""",
    "cs": """
        a v je se na že to s z do o jako ale po co tak za od jeho už jen být byl byla bylo pro
        který která které jsou má může mě mi já ty my vy oni jsem jsi jsme si když také nebo
        velmi kde proč ještě děkuji prosím dobře jejich její před pod bez není aby podle při než
        tím""",
    "sk": """
        a v je sa na že to s z do o ako ale po čo tak za od jeho už len byť bol bola bolo pre
        ktorý ktorá ktoré sú má môže mňa mi ja ty my vy oni som si sme keď tiež alebo veľmi kde
        prečo ešte ďakujem prosím dobre ich jej pred pod bez nie aby podľa pri než tým""",
    "sl": """
        in je v na da se ne za so ki pa z po kot tudi ali bi s če ni ga od iz bil bila bilo do
        sem si smo ste jaz ti mi vi oni tega ta to ker samo kaj kako kje zakaj lahko zelo hvala
        dobro še že več pri med brez ko""",
    "hr": """
        i je u na da se ne za su koji što od s kao ali bi ili o to nije iz bio bila bilo do sam
        si smo ste ja ti mi vi oni toga taj ta jer samo šta kako gdje gde zašto može vrlo hvala
        dobro još već više pri bez kada koja koje nisam mu ga ako sve""",
    "sq": """
        dhe në e të i një për me nga që është nuk si më ka se janë do ky kjo por edhe unë ti ai
        ajo ne ju ata kanë ishte pse ku kur shumë faleminderit mirë vetëm""",
    "lt": """
        ir į yra kad ne su iš tai kaip bet o ar jis ji jie aš tu mes jūs buvo būti kas kur kodėl
        labai ačiū gerai tik dar jau nuo iki prie apie per mano tavo jo""",
    "lv": """
        un ir ka ar no tas kā bet vai viņš viņa viņi es tu mēs jūs bija būt kas kur kāpēc ļoti
        paldies labi tikai vēl jau līdz pie par pēc mans tavs nav uz lai""",
    "tr": """
        ve bir bu da de için ile çok ne daha o ama gibi kadar en ben sen biz siz onlar var yok
        değil mi mı mu mü ki olan olarak sonra her şey bana sana beni seni şu nasıl neden niçin
        nerede teşekkürler iyi ya veya hem diye olduğu kendi böyle hiç""",
    "vi": """
        là của và có không những được trong một người cho với này đã các để khi tôi bạn anh chị
        em nó họ chúng ta như đến từ ra vào rất nhiều cũng thì mà ở đó gì sao nào cảm ơn bài
        viết về phải sẽ đang làm""",
    "id": """
        yang dan di ini itu dengan untuk tidak dari dalam akan pada juga saya kamu anda dia kami
        kita mereka ada adalah oleh sudah bisa karena atau seperti lebih sangat apa siapa mana
        bagaimana mengapa terima kasih ke tapi tetapi hanya sebagai telah banyak harus jika
        kalau aku nya lagi saja""",
    "tl": """
        ang ng mga sa na ay at hindi ako ikaw siya kami tayo kayo sila ito iyan iyon ko mo niya
        namin natin ninyo nila para kung pero lang din rin po naman may wala dahil kasi ano sino
        saan bakit paano salamat""",
    "sw": """
        na ya wa kwa ni katika la za hii hiyo huo yake kama lakini pia sana mimi wewe yeye sisi
        ninyi wao hapa nini nani wapi asante ndiyo hapana tu watu kuwa""",
    "eo": """
        la kaj de en al estas ne mi vi li ŝi ĝi ni ili ke por kun kiel sed tre ankaŭ kio kiu kie
        kial dankon pli tio tiu sur per""",
}

# Letters that only some languages use: one such word is as telling as a small word.
TELLING_LETTERS: Final[Mapping[str, str]] = {
    "es": "ñ¿¡",
    "pt": "ãõ",
    "fr": "œêçùû",
    "ro": "țșăţş",
    "de": "ßüä",
    "da": "æø",
    "no": "æø",
    "sv": "åäö",
    "is": "þð",
    "fi": "äö",
    "et": "õäü",
    "hu": "őű",
    "pl": "łąęśźż",
    "cs": "ěřů",
    "sk": "ľĺŕô",
    "hr": "đć",
    "lt": "ėųį",
    "lv": "ļņķģ",
    "tr": "ğış",
    "vi": "ảạấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđơư",
}

CYRILLIC_WORDS: Final[Mapping[str, str]] = {
    "ru": """
        и в не на что я с он как это но по его все она так мы из у за вы же от то бы был для
        только меня мне ты еще ещё они когда очень если есть или нет даже быть до чтобы где
        почему спасибо уже вот тоже может можно кто вчера сейчас всегда годы надо потому этот
        эта эти свое была нас вас наш них чем тут""",
    "uk": """
        і й в у не на що я з він як це але його все вона так ми із за ви ж від то б був для
        тільки мене мені ти ще вони коли дуже якщо є або немає навіть бути до щоб де чому дякую
        вже може та можна хтось вчора ось зараз завжди роки треба тому цей ця ці своє усе була
        нас вас наш""",
    "bg": """
        и в не на че се да с от за е са по той как това но му всичко тя така ние из вие ще беше
        само мен ми ти още те когато много ако има или няма дори бъде до където защо благодаря
        вече може аз съм който можете някой сега винаги години трябва този тази тези сме""",
    "sr": """
        и је у на да се не за су који што од с као али би или о то није из био била било до сам
        си смо сте ја ти ми ви они тога тај та јер само шта како где зашто може врло хвала добро
        још већ више""",
    "be": """
        і ў не на што я з ён як гэта але яго усё яна так мы за вы ж ад то б быў для толькі мяне
        мне ты яшчэ яны калі вельмі ёсць або няма нават быць да каб дзе чаму дзякуй ужо можна
        хтосьці цяпер заўсёды трэба гэты гэтая былі нас вас""",
    "mk": """
        и во не на што се да со од за е по тој како ова но му сите таа така ние вие ќе беше само
        мене ми ти уште тие кога многу ако има или нема дури биде до каде зошто благодарам веќе""",
}
CYRILLIC_LETTERS: Final[Mapping[str, str]] = {
    "ru": "ыэё",
    "uk": "їєґі",
    "be": "ўі",
    "bg": "ъ",
    "sr": "ђјљњћџ",
    "mk": "ѓќѕј",
    "kk": "әңғұқһ",
}

# Small words of one language that English has too, as words of its own. They count a quarter.
ALSO_ENGLISH: Final = frozenset(
    """
    may sense noe nor door mary
    ad al ale all alle alles also am an any are arm as at baie band bar bare be best bez bin bis
    bon but by can car care case cent che chic ci client come con cosa cum da dan dans dare dat
    date day de del dem demo den des di die dire dis dit do doe dog don done dove dress du each
    el end er era ex fan fans fare fast fin fine for fort from fun fur gala gang get gift go god
    gut had hand hans has hat have hay he hem her here him his hoe hoes how hub hun i ill im in
    ins is it jest just kan kid kind kit kom la late le lei les let like link list lit lo lol los
    lot ma made mag mal mama man mans mar mas mat me mean meet men mens mes mi mich mini mis miss
    mo mode moet moment more most much mun must my na nah name nana nani nation nee need net
    never nie niece nine no nog non nor normal not note now of off on one ons op or our out over
    own pa pain pan par part pas past per person photo pie place plan plus po pod point pop post
    pot pour pro pure put quest quo ra rat real rest rock role roman sa sable sage sal sale same
    san santa sat se see sen sent set she si sic sin sine six so sobie soft some son sort sou
    star still stop such sun sur sure ta take taken tale tam tan te teen ten test the then they
    this three ti tic tier til time tin to toe tom ton too tops tot tous tout train trap tray
    trend true try tu un una und under uns up us use va vain van vast vet via video vie vol von
    vote wan want war ware warren was wat we wee well wen were wet what when where who why wie
    will win wit with wolf word wore world ya yes yet yo you zip
    """.split()  # noqa: SIM905
)
