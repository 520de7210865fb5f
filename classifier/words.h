/* The words of a text by their hash: what a table says of them and of their sound, and which were
 * there before. Included by glance.h alone; the twin is `classifier.sounds`. */

/* What the table of words says of one. */
enum { PHRASE = 1, PIECE = 2, SOUND = 4, KNOWN = 8, PAIR_OF_PHRASE = 16 };

static uint32_t crc_table[256];

static void fill_crc_table(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0);
        crc_table[byte] = crc;
    }
}

static inline uint32_t crc_add(uint32_t crc, uint32_t code)
{
    return crc_table[(crc ^ code) & 0xFF] ^ (crc >> 8);
}

typedef struct {
    const uint8_t *kinds;    /* one a code point, those beyond the table are ALIEN */
    uint32_t known;
    const uint64_t *listed;  /* crc << 8 | marks, by the lowest bits of crc; 0 is empty */
    uint32_t mask;
    uint32_t *met, *pairs;   /* distinct words, and pairs, by the lowest bits of their hash */
    uint32_t room;           /* one less than the places of each */
} Eyes;

static inline uint32_t lower(uint32_t code) { return code - 'A' < 26u ? code + 32 : code; }

static inline int is_alpha(uint32_t code) { return lower(code) - 'a' < 26u; }

static inline uint32_t marks_of(const Eyes *eyes, uint32_t crc)
{
    for (uint32_t tries = 0; tries <= eyes->mask; tries++) {
        uint64_t entry = eyes->listed[(crc + tries) & eyes->mask];
        if (!entry)
            break;
        if (entry >> 8 == crc)
            return entry & 0xFF;
    }
    return 0;
}

/* Whether the hash was not met before. */
static inline int meet(uint32_t *met, uint32_t room, uint32_t crc)
{
    crc = crc ? crc : 1;
    uint32_t place = crc & room;
    while (met[place] && met[place] != crc)
        place = (place + 1) & room;
    int fresh = !met[place];
    met[place] = crc;
    return fresh;
}

/* Return the marks of one word: as it stands, and by its sound, see `classifier.sounds`. */
static uint32_t look_up(const Eyes *eyes, int kind, const void *data, Py_ssize_t start,
                        Py_ssize_t end, uint32_t *crc)
{
    static const char SOUNDS[] = "abkdefghijklmnopkrstovwxis";
    uint32_t word = ~0u, sound = ~0u, bones = ~0u, before = 0, spelt = 0;
    int letters = 1, length = 0;
    for (Py_ssize_t place = start; place < end; place++) {
        uint32_t code = lower(PyUnicode_READ(kind, data, place));
        word = crc_add(word, code);
        if (code - 'a' >= 26u) {
            letters = 0;
            continue;
        }
        if (code == 'h' && place > start && lower(PyUnicode_READ(kind, data, place - 1)) == 'p')
            continue;
        uint32_t said = (uint32_t)SOUNDS[code - 'a'];
        if (code == 'p' && place + 1 < end && lower(PyUnicode_READ(kind, data, place + 1)) == 'h')
            said = 'f';
        if (said == before && (code == spelt || !strchr("aeio", (int)said))) {
            spelt = code;
            continue;
        }
        before = said;
        spelt = code;
        sound = crc_add(sound, said);
        bones = crc_add(bones, said == 'e' || said == 'i' || said == 'o' ? 'a' : said);
        length++;
    }
    *crc = ~word;
    uint32_t marks = marks_of(eyes, ~word) & (PHRASE | PIECE | KNOWN);
    if (letters && end - start >= 3 && !(marks & KNOWN))
        marks |= marks_of(eyes, length >= 6 ? ~bones : ~sound) & SOUND;
    return marks & ~(uint32_t)KNOWN;
}
