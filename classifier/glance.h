/* What one pass over a text shows of what may be in it: see `classifier.glance`, whose Python
 * twin gives the same marks. Included by kernel.c alone. */

enum {
    STRANGE = 1, DISGUISED = 2, LINKED = 4, SHOUTED = 8, WALLED = 16, CROWDED = 32, REPEATED = 64,
    PAID = 128, PHONED = 256, MASHED = 512, MARKED_UP = 1024, FIRST_LISTED = 4096
};

/* The kinds of `classifier.glance`, in its order. */
enum { EDGE, BLANK, LETTER, HARD, DIGIT, STOP, STROKE, CALL, OPEN, CLOSE, SIGN, EMOJI, ALIEN };

/* Added to the kind: a sign that walls are made of, the beginning of a currency, what after a
 * bracket may say an address, and what may stand between the digits of a telephone number. */
enum { KIND = 15, WALL = 16, COIN = 32, SAID = 64, DIALLED = 128 };

/* In a text of more words nobody counts the distinct ones: hashes can be made to collide. */
enum { MOST_WORDS = 2048 };

#include "words.h"

static inline int is_letter(int kind) { return kind == LETTER || kind == HARD; }

static inline int is_digit(uint32_t code) { return code - '0' < 10u; }

static inline int is_space(uint32_t code)
{
    return code == ' ' || code - 9 < 5u || code - 28 < 4u;
}

/* What is known of the text so far. */
typedef struct {
    uint32_t marks, before, earlier, third; /* the three code points before this one */
    uint32_t word;                   /* the hash of the last word */
    int last;                        /* and the kind of the first of them */
    Py_ssize_t run, cut;             /* letters in a row; those before a sign just before them */
    Py_ssize_t lone, chain;          /* the last letter that stood alone; how many in a row did */
    Py_ssize_t hard, signs, row;     /* consonants, signs and emoji in a row */
    Py_ssize_t faces, digits, capitals, letters, words, fresh, pairs;
} Seen;

/* A run of letters or digits has ended. */
static void end_word(const Eyes *eyes, Seen *seen, int width, const void *data, Py_ssize_t start,
                     Py_ssize_t end)
{
    uint32_t crc;
    seen->marks |= look_up(eyes, width, data, start, end, &crc) * FIRST_LISTED;
    uint32_t pair = seen->word * ROLL + crc;
    if (seen->words && marks_of(eyes, pair) & PAIR_OF_PHRASE)
        seen->marks |= FIRST_LISTED;
    if (seen->words && seen->words < MOST_WORDS)
        seen->pairs += meet(eyes->pairs, eyes->room, pair);
    seen->word = crc;
    seen->letters += end - start;
    seen->words++;
    if (seen->words <= MOST_WORDS)
        seen->fresh += meet(eyes->met, eyes->room, crc);
    if (end - start > 1) {
        seen->chain = 0;
        return;
    }
    Py_ssize_t gap = seen->chain ? start - seen->lone - 1 : 0;
    seen->chain = gap == 1 ? seen->chain + 1 : 1;
    seen->lone = start;
    if (seen->chain >= 4 || gap == 2 || gap == 3)
        seen->marks |= DISGUISED;
}

/* A run of letters has ended with a character of `kind`: a short one at a sign is half a word. */
static void end_run(Seen *seen, int kind)
{
    if (seen->cut && seen->run && (seen->cut <= 3 || seen->run <= 3))
        seen->marks |= DISGUISED;
    seen->cut = kind == STROKE || kind == STOP ? seen->run : 0;
    seen->run = 0;
}

/* What this character and the two before it say. */
static uint32_t look_around(const Seen *seen, uint32_t code, int kind, int also, int ascii)
{
    uint32_t before = seen->before, earlier = seen->earlier, marks = 0;
    int last = seen->last;
    int letter = is_letter(kind), blank = last == BLANK || last == EMOJI;
    if ((letter || kind == DIGIT) && last == STOP)
        marks |= LINKED;
    if (letter ? last == DIGIT || last == CALL || (last == OPEN && is_alpha(earlier))
               : (kind == DIGIT && is_letter(last)) ||
                 (kind == STOP && (blank || last == OPEN)) || (kind == CLOSE && last == OPEN))
        marks |= DISGUISED;
    if (code > '@' && code < 128 && lower(code) == lower(before) && lower(code) == lower(earlier))
        marks |= DISGUISED;
    if (code == '/' && before == '/')
        marks |= (earlier == ':' ? LINKED : 0) | (ascii ? 0 : DISGUISED);
    if (!ascii && ((letter && before == ',') || (lower(code) == 'w' && lower(before) == 'w') ||
                   (also & SAID && (before == '(' || (before == ' ' && earlier == '(')))))
        marks |= DISGUISED;
    if (lower(code) == 't' && lower(before) == 'o' && lower(earlier) == 'd')
        marks |= DISGUISED;
    if (code == ')' && lower(before) == 't' && lower(earlier) == 'a' && seen->third == '(')
        marks |= DISGUISED;
    if ((before == '$' && kind == DIGIT) || (earlier == '$' && is_space(before) && kind == DIGIT))
        marks |= PAID;
    if (also & COIN && (last == DIGIT || (is_space(before) && is_digit(earlier))))
        marks |= PAID;
    return marks;
}

static void look_at(Seen *seen, uint32_t code, int kind, int also, int ascii)
{
    seen->marks |= look_around(seen, code, kind, also, ascii);
    if (kind == SIGN)
        seen->marks |= code == '<' || code == '[' ? DISGUISED | MARKED_UP : DISGUISED;
    seen->digits = also & DIALLED ? seen->digits + (kind == DIGIT) : 0;
    if (seen->digits >= 8)
        seen->marks |= PHONED;
    seen->capitals += code - 'A' < 26u;
    seen->faces += kind == EMOJI;
    seen->hard = kind == HARD ? seen->hard + 1 : 0;
    seen->row = kind == EMOJI ? seen->row + 1 : 0;
    seen->signs = also & WALL ? seen->signs + 1 : 0;
    if (seen->hard >= 6)
        seen->marks |= MASHED;
    if (seen->signs >= 4 || seen->row >= 3)
        seen->marks |= WALLED;
}

static uint32_t glance_at(const Eyes *eyes, PyObject *text)
{
    int width = PyUnicode_KIND(text), ascii = PyUnicode_IS_ASCII(text), kind;
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), word = -1;
    Seen seen = {.last = EDGE};
    for (Py_ssize_t place = 0; place <= length; place++) {
        uint32_t code = place < length ? PyUnicode_READ(width, data, place) : 0;
        int also = place == length ? EDGE : code < eyes->known ? eyes->kinds[code] : ALIEN;
        kind = also & KIND;
        if (kind == ALIEN)
            return STRANGE;
        if (is_letter(kind))
            seen.run++;
        else
            end_run(&seen, kind);
        if (is_letter(kind) || kind == DIGIT)
            word = word < 0 ? place : word;
        else if (word >= 0) {
            end_word(eyes, &seen, width, data, word, place);
            word = -1;
        }
        if (place == length)
            break;
        look_at(&seen, code, kind, also, ascii);
        seen.third = seen.earlier;
        seen.earlier = seen.before;
        seen.before = code;
        seen.last = kind;
    }
    if (seen.capitals >= 12 && seen.capitals >= 0.5 * seen.letters)
        seen.marks |= SHOUTED;
    if (seen.words > MOST_WORDS || (seen.words >= 8 && seen.fresh <= 0.7 * seen.words &&
                                    seen.pairs <= 0.75 * (seen.words - 1)))
        seen.marks |= REPEATED;
    return seen.marks | (seen.faces >= 5 ? CROWDED : 0);
}

PyDoc_STRVAR(glance_doc,
"glance(text, kinds, listed)\n\n"
"Return the marks of `text`, see `classifier.glance`. Raises TypeError for what is no string,\n"
"ValueError for a table whose length is no power of two.");

static PyObject *glance(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    PyObject *text, *found = NULL;
    Py_buffer kinds, listed;
    if (!PyArg_ParseTuple(arguments, "Uy*y*", &text, &kinds, &listed))
        return NULL;
    Py_ssize_t places = listed.len / 8;
    if (places < 1 || places & (places - 1) || listed.len % 8)
        PyErr_SetString(PyExc_ValueError, "a table's length is a power of two");
    else {
        uint32_t met[2 * MOST_WORDS], pairs[2 * MOST_WORDS], room = 16;
        while (room < 2 * MOST_WORDS && room < PyUnicode_GET_LENGTH(text))
            room *= 2;
        memset(met, 0, room * sizeof *met);
        memset(pairs, 0, room * sizeof *pairs);
        Eyes eyes = {kinds.buf, (uint32_t)kinds.len, listed.buf, (uint32_t)places - 1,
                     met, pairs, room - 1};
        found = PyLong_FromUnsignedLong(glance_at(&eyes, text));
    }
    PyBuffer_Release(&kinds);
    PyBuffer_Release(&listed);
    return found;
}

PyDoc_STRVAR(hash_words_doc,
"hash_words(text)\n\n"
"Return the CRC-32 of each lower-case word of an ASCII `text`, four bytes each. Raises TypeError\n"
"for what is none.");

static PyObject *hash_words(PyObject *Py_UNUSED(module), PyObject *text)
{
    if (!PyUnicode_Check(text) || !PyUnicode_IS_ASCII(text)) {
        PyErr_SetString(PyExc_TypeError, "text must be a string in ASCII");
        return NULL;
    }
    const uint8_t *data = PyUnicode_1BYTE_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), count = 0;
    PyObject *found = PyBytes_FromStringAndSize(NULL, (length / 2 + 1) * 4);
    if (found == NULL)
        return NULL;
    uint32_t *hashes = (uint32_t *)PyBytes_AS_STRING(found), crc = ~0u;
    for (Py_ssize_t place = 0; place <= length; place++) {
        uint32_t code = place < length ? data[place] : 0;
        if (is_alpha(code) || is_digit(code))
            crc = crc_add(crc, lower(code));
        else if (place && (is_alpha(data[place - 1]) || is_digit(data[place - 1]))) {
            hashes[count++] = ~crc;
            crc = ~0u;
        }
    }
    _PyBytes_Resize(&found, count * 4);
    return found;
}
