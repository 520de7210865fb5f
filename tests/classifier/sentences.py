"""Sentences as people comment, written for these tests, by language."""

SENTENCES = {
    "en": """I think the article misses what really matters to people here.
        Thanks for explaining this, it was not clear to me before.
        We have been waiting for the new bridge for almost ten years.
        Does anyone know when the library will open again?
        My neighbour said the same thing when we talked yesterday.
        You could have asked the residents before closing the road.
        This is the best soup recipe I have found so far.
        It would be great if the trains were on time for once.
        They promised lower taxes and now look at what we got.
        I am not sure that this is how the law works.""",
    "es": """Creo que el artículo no cuenta lo que de verdad importa aquí.
        Gracias por explicarlo, antes no lo tenía muy claro.
        Llevamos casi diez años esperando el puente nuevo.
        ¿Alguien sabe cuándo vuelve a abrir la biblioteca del barrio?
        Mi vecino dijo lo mismo cuando hablamos ayer por la tarde.
        Podrían haber preguntado a los vecinos antes de cerrar la calle.
        Esta es la mejor receta de sopa que he encontrado.
        Estaría bien que los trenes llegaran a la hora por una vez.
        Nos prometieron menos impuestos y mira lo que tenemos.
        No estoy seguro de que la ley funcione de esa manera.""",
    "fr": """Je pense que cet article oublie ce qui compte vraiment ici.
        Merci pour ces explications, je n'avais pas tout compris.
        Nous attendons le nouveau pont depuis presque dix ans.
        Est-ce que quelqu'un sait quand la bibliothèque va rouvrir ?
        Mon voisin a dit la même chose quand nous avons parlé hier.
        On aurait pu demander aux habitants avant de fermer la rue.
        C'est la meilleure recette de soupe que j'ai trouvée.
        Ce serait bien que les trains soient à l'heure pour une fois.
        Ils ont promis moins d'impôts et voilà ce que nous avons.
        Je ne suis pas sûr que la loi fonctionne comme ça.""",
    "de": """Ich glaube, der Artikel übersieht, worum es hier wirklich geht.
        Danke für die Erklärung, das war mir vorher nicht klar.
        Wir warten seit fast zehn Jahren auf die neue Brücke.
        Weiß jemand, wann die Bücherei wieder aufmacht?
        Mein Nachbar hat gestern genau das Gleiche gesagt.
        Man hätte die Anwohner fragen können, bevor man die Straße sperrt.
        Das ist das beste Rezept für Suppe, das ich bisher gefunden habe.
        Es wäre schön, wenn die Züge einmal pünktlich wären.
        Sie haben weniger Steuern versprochen, und was haben wir nun?
        Ich bin nicht sicher, ob das Gesetz so gemeint ist.""",
    "it": """Penso che l'articolo non dica quello che conta davvero qui.
        Grazie per la spiegazione, prima non mi era chiaro.
        Aspettiamo il nuovo ponte da quasi dieci anni.
        Qualcuno sa quando la biblioteca sarà di nuovo aperta?
        Il mio vicino ha detto la stessa cosa quando ci siamo visti.
        Potevano chiedere ai residenti prima di chiudere la strada.
        Questa è la migliore ricetta di zuppa che ho trovato.
        Sarebbe bello se i treni fossero in orario per una volta.
        Hanno promesso meno tasse e guarda che cosa abbiamo.
        Non sono sicuro che la legge funzioni così.""",
    "pt": """Acho que o artigo não fala do que realmente importa aqui.
        Obrigado por explicar, antes isso não estava claro para mim.
        Estamos à espera da nova ponte há quase dez anos.
        Alguém sabe quando a biblioteca vai abrir de novo?
        O meu vizinho disse a mesma coisa quando falamos ontem.
        Podiam ter perguntado aos moradores antes de fechar a rua.
        Esta é a melhor receita de sopa que já encontrei.
        Seria bom se os trens chegassem na hora pelo menos uma vez.
        Eles prometeram menos impostos e veja o que temos agora.
        Não tenho certeza de que a lei funciona assim.""",
    "nl": """Ik denk dat het artikel mist waar het hier echt om gaat.
        Bedankt voor de uitleg, dat was mij eerst niet duidelijk.
        We wachten al bijna tien jaar op de nieuwe brug.
        Weet iemand wanneer de bibliotheek weer open gaat?
        Mijn buurman zei gisteren precies hetzelfde tegen mij.
        Ze hadden de bewoners kunnen vragen voor ze de weg afsloten.
        Dit is het beste recept voor soep dat ik tot nu toe heb gevonden.
        Het zou fijn zijn als de treinen een keer op tijd waren.
        Ze hebben lagere belastingen beloofd en kijk wat we nu hebben.
        Ik ben er niet zeker van dat de wet zo werkt.""",
    "pl": """Myślę, że artykuł pomija to, co jest tutaj naprawdę ważne.
        Dziękuję za wyjaśnienie, wcześniej nie było to dla mnie jasne.
        Czekamy na nowy most już prawie dziesięć lat.
        Czy ktoś wie, kiedy biblioteka będzie znowu otwarta?
        Mój sąsiad powiedział to samo, gdy rozmawialiśmy wczoraj.
        Można było zapytać mieszkańców, zanim zamknięto ulicę.
        To jest najlepszy przepis na zupę, jaki znalazłem.
        Byłoby miło, gdyby pociągi choć raz były na czas.
        Obiecali niższe podatki i zobacz, co teraz mamy.
        Nie jestem pewien, czy prawo tak działa.""",
    "tr": """Bence bu yazı burada gerçekten önemli olan şeyi anlatmıyor.
        Açıkladığınız için teşekkürler, daha önce bu kadar açık değildi.
        Yeni köprü için neredeyse on yıl bekledik ve hâlâ yok.
        Kütüphane ne zaman tekrar açılacak, bilen var mı?
        Komşum da dün konuşurken bana aynı şeyi söyledi.
        Yolu kapatmadan önce mahallede oturan insanlara sorabilirlerdi.
        Bu şimdiye kadar bulduğum en iyi çorba tarifi.
        Trenler bir kere olsun zamanında gelse ne kadar iyi olur.
        Daha az vergi için söz verdiler ama şimdi bir de buna bakın.
        Ben yasanın bu şekilde çalıştığından çok emin değilim.""",
    "sv": """Jag tror att artikeln missar det som verkligen är viktigt här.
        Tack för att du förklarade, det var inte klart för mig.
        Vi har väntat på den nya bron i nästan tio år.
        Är det någon som vet när biblioteket öppnar igen?
        Min granne sa samma sak när vi pratade i går.
        Man kunde ha frågat de boende innan man stängde vägen.
        Det här är det bästa receptet på soppa som jag har hittat.
        Det vore bra om tågen kom i tid för en gångs skull.
        De lovade lägre skatt och titta vad vi har fått nu.
        Jag är inte säker på att lagen fungerar så.""",
    "ru": """Мне кажется, в статье нет того, что здесь действительно важно.
        Спасибо за объяснение, раньше мне это было не ясно.
        Мы ждём новый мост уже почти десять лет.
        Кто-нибудь знает, когда снова откроется библиотека?
        Мой сосед сказал то же самое, когда мы вчера говорили.
        Можно было спросить жителей, прежде чем закрывать улицу.
        Это лучший рецепт супа, который я нашёл.
        Было бы хорошо, если бы поезда хоть раз пришли вовремя.
        Они обещали снизить налоги, и вот что мы получили.
        Я не уверен, что закон работает именно так.""",
    "uk": """Мені здається, у статті немає того, що тут справді важливо.
        Дякую за пояснення, раніше мені це було не зрозуміло.
        Ми чекаємо на новий міст уже майже десять років.
        Хтось знає, коли знову відкриється бібліотека?
        Мій сусід сказав те саме, коли ми вчора говорили.
        Можна було спитати мешканців, перш ніж закривати вулицю.
        Це найкращий рецепт супу, який я знайшов.
        Було б добре, якби потяги хоч раз прийшли вчасно.
        Вони обіцяли менші податки, і ось що ми маємо.
        Я не впевнений, що закон працює саме так.""",
    "ar": """أعتقد أن المقال لا يتحدث عن الأمر المهم هنا.
        شكرا على الشرح، لم يكن هذا واضحا لي من قبل.
        نحن ننتظر الجسر الجديد منذ عشر سنوات تقريبا.
        هل يعرف أحد متى تفتح المكتبة مرة أخرى؟
        قال جاري الشيء نفسه عندما تحدثنا أمس.
        كان يمكن أن يسألوا السكان قبل إغلاق الشارع.
        هذه أفضل وصفة حساء وجدتها حتى الآن.
        سيكون جميلا لو وصلت القطارات في الموعد مرة واحدة.
        وعدوا بضرائب أقل وانظر ماذا لدينا الآن.
        لست متأكدا من أن القانون يعمل هكذا.""",
    "el": """Νομίζω ότι το άρθρο δεν λέει αυτό που έχει σημασία εδώ.
        Ευχαριστώ για την εξήγηση, πριν δεν μου ήταν σαφές.
        Περιμένουμε τη νέα γέφυρα σχεδόν δέκα χρόνια.
        Ξέρει κανείς πότε θα ανοίξει ξανά η βιβλιοθήκη;
        Ο γείτονάς μου είπε το ίδιο πράγμα χθες.
        Θα μπορούσαν να ρωτήσουν τους κατοίκους πρώτα.
        Αυτή είναι η καλύτερη συνταγή για σούπα που βρήκα.
        Θα ήταν ωραίο τα τρένα να έρχονται στην ώρα τους.
        Υποσχέθηκαν λιγότερους φόρους και κοίτα τι έχουμε.
        Δεν είμαι σίγουρος ότι ο νόμος λειτουργεί έτσι.""",
    "zh": """我觉得这篇文章没有说到真正重要的事情。
        谢谢你的解释,我以前不太明白这一点。
        我们等新的大桥已经快要十年了。
        有人知道图书馆什么时候重新开放吗?
        我的邻居昨天跟我说了同样的话。
        封路之前他们应该先问问当地的居民。
        这是我到现在为止找到的最好的汤谱。
        如果火车能准时一次那就太好了吧。
        他们答应减税,看看我们现在得到什么。
        我不确定法律是不是这样规定的。""",
    "ja": """この記事は本当に大切なことを書いていないと思います。
        説明してくれてありがとう、前はよく分かりませんでした。
        新しい橋をもう十年近く待っています。
        図書館がいつまた開くか知っている人はいますか。
        昨日話したとき、隣の人も同じことを言いました。
        道を閉じる前に住民に聞くことができたはずです。
        これは今まで見つけた中で一番おいしいスープです。
        一度でいいから電車が時間通りに来てほしい。
        税金を下げると約束したのに、今はこの通りです。
        法律が本当にそうなっているか分かりません。""",
}
