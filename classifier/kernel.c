/* The inner loop of scoring: the same n-grams and whole-number sums as `classifier.features` and
 * `classifier.weights` make with NumPy, in one pass and in a tenth of the time.
 *
 * It is optional: where there is no compiler, NumPy does it. Weights are summed as integers, so
 * both give the same bits, and `tests/classifier/test_summing.py` holds them to it. Whoever
 * changes a feature changes it in both and renames `features.SCHEME`.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

enum { WORD_BITS = 18, CHAR_BITS = 19, SHORTEST = 3, LONGEST = 5, WIDTH = 8 };

static const uint32_t ROLL = 0x9E3779B1u, PAIR = 0x85EBCA6Bu, MIX = 0xC2B2AE35u;
static const uint32_t BMP = 0x10000, SPACE = 32, WORD_ROWS = 1u << WORD_BITS;
static const Py_ssize_t ROWS = ((Py_ssize_t)1 << WORD_BITS) + ((Py_ssize_t)1 << CHAR_BITS);
static const uint64_t PAIRS = 0x000000FF000000FFull;

#include "glance.h"

/* What has been added up of one block of one text: two of a row's eight bytes in each word. */
typedef struct {
    uint64_t pairs[WIDTH / 2];
    int64_t count;
} Block;

typedef struct {
    const uint32_t *folded; /* what each code point of the basic plane becomes */
    const uint8_t *in_word; /* whether it is part of a word; the last place is all others */
    const uint64_t *weights;
    uint64_t *seen;         /* one bit a row */
    uint32_t *met;          /* the rows whose bit is set, to clear them again */
    Py_ssize_t count;
} Work;

static inline uint32_t bucket(uint32_t hash, int bits)
{
    uint32_t mixed = ((hash >> 15) ^ hash) * MIX;
    return mixed >> (32 - bits);
}

static inline void add(Work *work, Block *block, uint32_t row)
{
    uint64_t bit = 1ull << (row & 63), *word = &work->seen[row >> 6];
    if (*word & bit)
        return;
    *word |= bit;
    work->met[work->count++] = row;
    uint64_t fetched = work->weights[row];
    for (int byte = 0; byte < WIDTH / 2; byte++)
        block->pairs[byte] += (fetched >> (8 * byte)) & PAIRS;
    block->count++;
}

/* Fold `text` into `codes`, as `folding.fold` does; return how many there are. */
static Py_ssize_t fold(const Work *work, PyObject *text, uint32_t *codes)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), kept = 0;
    uint32_t before = SPACE, earlier = BMP - 1;
    codes[kept++] = SPACE;
    for (Py_ssize_t place = 0; place <= length; place++) {
        uint32_t code = place < length ? PyUnicode_READ(kind, data, place) : SPACE;
        if (code < BMP)
            code = work->folded[code];
        if (code != before || (code != SPACE && code != earlier))
            codes[kept++] = code;
        earlier = before;
        before = code;
    }
    return kept;
}

static void add_words(Work *work, Block *block, const uint32_t *codes, Py_ssize_t size)
{
    uint32_t hash = 0, power = 1, last = 0;
    int inside = 0, words = 0;
    for (Py_ssize_t place = 0; place < size; place++) {
        uint32_t code = codes[place];
        if (work->in_word[code < BMP ? code : BMP]) {
            hash = inside ? hash + code * power : code;
            power = inside ? power * ROLL : ROLL;
            inside = 1;
        } else if (inside) {
            add(work, block, bucket(hash, WORD_BITS));
            if (words++)
                add(work, block, bucket(last * PAIR + hash, WORD_BITS));
            last = hash;
            inside = 0;
        }
    }
}

static void add_characters(Work *work, Block *block, const uint32_t *codes, Py_ssize_t size)
{
    for (Py_ssize_t place = 0; place < size; place++) {
        uint32_t hash = 0;
        Py_ssize_t most = size - place < LONGEST ? size - place : LONGEST;
        for (uint32_t length = 1; length <= most; length++) {
            hash = (hash + length) * ROLL + codes[place + length - 1];
            if (length >= SHORTEST)
                add(work, block, WORD_ROWS + bucket(hash, CHAR_BITS));
        }
    }
}

static void store(const Block *block, int64_t *sums, int64_t *count)
{
    for (int byte = 0; byte < WIDTH / 2; byte++) {
        sums[byte] = (int64_t)(block->pairs[byte] & 0xFFFFFFFFu) - 128 * block->count;
        sums[byte + WIDTH / 2] = (int64_t)(block->pairs[byte] >> 32) - 128 * block->count;
    }
    *count = block->count;
}

/* Sum up one text; return -1 with an exception set when memory runs out. */
static int sum_text(Work *work, PyObject *text, int64_t *sums, int64_t *counts)
{
    size_t room = (size_t)PyUnicode_GET_LENGTH(text) + 2;
    /* A code begins at most three n-grams of characters, a word and a pair. */
    uint32_t *codes = PyMem_Malloc(room * 6 * sizeof *codes);
    if (codes == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    Block words = {{0}, 0}, characters = {{0}, 0};
    Py_ssize_t size = fold(work, text, codes);
    work->met = codes + room;
    work->count = 0;
    add_words(work, &words, codes, size);
    add_characters(work, &characters, codes, size);
    for (Py_ssize_t place = 0; place < work->count; place++)
        work->seen[work->met[place] >> 6] = 0;
    store(&words, sums, counts);
    store(&characters, sums + WIDTH, counts + 1);
    PyMem_Free(codes);
    return 0;
}

static int sum_all(Work *work, PyObject *texts, int64_t *sums, int64_t *counts)
{
    for (Py_ssize_t place = 0; place < PySequence_Fast_GET_SIZE(texts); place++) {
        PyObject *text = PySequence_Fast_GET_ITEM(texts, place);
        if (!PyUnicode_Check(text)) {
            PyErr_SetString(PyExc_TypeError, "texts must be strings");
            return -1;
        }
        if (sum_text(work, text, sums + place * 2 * WIDTH, counts + place * 2) < 0)
            return -1;
    }
    return 0;
}

static int fits(const Py_buffer *buffer, Py_ssize_t items, Py_ssize_t size)
{
    if (buffer->len == items * size)
        return 1;
    PyErr_SetString(PyExc_ValueError, "an array has not the size that these features need");
    return 0;
}

PyDoc_STRVAR(sum_texts_doc,
"sum_texts(texts, folded, in_word, weights, sums, counts)\n\n"
"Write the sums (texts, 2, 8) and the numbers (texts, 2) of the distinct rows of `texts`, a list\n"
"of strings, into the int64 arrays `sums` and `counts`. Raises ValueError for arrays of another\n"
"size, TypeError for what is no string.");

static PyObject *sum_texts(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    PyObject *texts;
    Py_buffer given[5];
    if (!PyArg_ParseTuple(arguments, "O!y*y*y*w*w*", &PyList_Type, &texts, &given[0], &given[1],
                          &given[2], &given[3], &given[4]))
        return NULL;
    Py_ssize_t size = PyList_GET_SIZE(texts);
    int failed = -1;
    Work work = {given[0].buf, given[1].buf, given[2].buf, NULL, NULL, 0};
    if (fits(&given[0], BMP, 4) && fits(&given[1], BMP + 1, 1) && fits(&given[2], ROWS, 8) &&
        fits(&given[3], size * 2 * WIDTH, 8) && fits(&given[4], size * 2, 8)) {
        work.seen = PyMem_Calloc(ROWS / 64, sizeof *work.seen);
        if (work.seen == NULL)
            PyErr_NoMemory();
        else
            failed = sum_all(&work, texts, given[3].buf, given[4].buf);
        PyMem_Free(work.seen);
    }
    for (int place = 0; place < 5; place++)
        PyBuffer_Release(&given[place]);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"sum_texts", sum_texts, METH_VARARGS, sum_texts_doc},
    {"glance", glance, METH_VARARGS, glance_doc},
    {"hash_words", hash_words, METH_O, hash_words_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "classifier._kernel", "The compiled inner loop of scoring.", 0, methods,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void)
{
    fill_crc_table();
    return PyModule_Create(&definition);
}
