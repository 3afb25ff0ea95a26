/* A block of pings between its bytes and rows of seven 64-bit integers (t_ms, lat_e6, lon_e6, accuracy_dm,
   speed_dmps, heading, flags): the layout is told in __init__.py. Little-endian machines only, as all that we run on.
*/
#include <math.h>
#include <stdint.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* The first columns are differences, those behind them up to FIX values with an unknown. */
enum { COLUMNS = 7, DIFFERENCES = 3, FIX = 6, HEADER = 22, MOST = 65535, MOCK = 1 };

static int64_t get(const uint8_t *at, int width) {
    int8_t v1;
    int16_t v2;
    int32_t v4;
    int64_t v8;
    switch (width) {
    case 1: memcpy(&v1, at, 1); return v1;
    case 2: memcpy(&v2, at, 2); return v2;
    case 4: memcpy(&v4, at, 4); return v4;
    case 8: memcpy(&v8, at, 8); return v8;
    default: return 0;
    }
}

/* Bytes that any value between low and high takes. */
static int width_of(int64_t low, int64_t high) {
    if (low == 0 && high == 0) return 0;
    if (low >= INT8_MIN && high <= INT8_MAX) return 1;
    if (low >= INT16_MIN && high <= INT16_MAX) return 2;
    if (low >= INT32_MIN && high <= INT32_MAX) return 4;
    return 8;
}

/* How many pings the block at `data` holds; 0 where it is none. */
EXPORT int64_t block_count(const uint8_t *data, int64_t size) {
    return size < HEADER ? 0 : (int64_t)(uint16_t)get(data, 2);
}

/* Rows of the block at `data`, of which there are block_count; returns its bytes, -1 where it is damaged. */
EXPORT int64_t block_unpack(const uint8_t *data, int64_t size, int64_t *rows) {
    int64_t n = block_count(data, size), at = HEADER;
    if (n == 0) return -1;
    int64_t first[DIFFERENCES] = {get(data + 2, 8), get(data + 10, 4), get(data + 14, 4)};
    uint32_t codes = (uint32_t)get(data + 18, 4);
    for (int c = 0; c < COLUMNS; c++) {
        int width = codes >> (4 * c) & 15;
        int64_t from = c < DIFFERENCES, count = n - from;
        if ((width & (width - 1)) || width > 8 || size - at < width * count) return -1;
        uint64_t value = c < DIFFERENCES ? (uint64_t)first[c] : 0;
        if (from) rows[c] = first[c];
        for (int64_t i = from; i < n; i++, at += width) {
            int64_t read = get(data + at, width);
            value = c < DIFFERENCES ? value + (uint64_t)read : (uint64_t)read - (c < FIX);
            rows[i * COLUMNS + c] = (int64_t)value;
        }
    }
    return codes >> (4 * COLUMNS) ? -1 : at;
}

static int64_t column_value(const int64_t *rows, int64_t i, int c) {
    uint64_t value = (uint64_t)rows[i * COLUMNS + c];
    return (int64_t)(c < DIFFERENCES ? value - (uint64_t)rows[(i - 1) * COLUMNS + c] : value + (c < FIX));
}

/* The block of n rows, at most 22 + 56 n bytes; returns its bytes, -1 where a first place fits no 32 bits. */
EXPORT int64_t block_pack(const int64_t *rows, int64_t n, uint8_t *out) {
    if (n < 1 || n > MOST) return -1;
    int32_t lat = (int32_t)rows[1], lon = (int32_t)rows[2];
    if (lat != rows[1] || lon != rows[2]) return -1;
    uint32_t codes = 0;
    int64_t at = HEADER;
    for (int c = 0; c < COLUMNS; c++) {
        int64_t low = 0, high = 0;
        for (int64_t i = c < DIFFERENCES; i < n; i++) {
            int64_t value = column_value(rows, i, c);
            if (value < low) low = value;
            if (value > high) high = value;
        }
        int width = width_of(low, high);
        codes |= (uint32_t)width << (4 * c);
        for (int64_t i = c < DIFFERENCES; width && i < n; i++, at += width) {
            int64_t value = column_value(rows, i, c);
            memcpy(out + at, &value, (size_t)width);
        }
    }
    uint16_t count = (uint16_t)n;
    memcpy(out, &count, 2);
    memcpy(out + 2, rows, 8);
    memcpy(out + 10, &lat, 4);
    memcpy(out + 14, &lon, 4);
    memcpy(out + 18, &codes, 4);
    return at;
}

/* What a matcher takes: six doubles a row; t [s], lat, lon [degrees], accuracy [m], speed [m/s], heading
   [degrees], nan where unknown. */
EXPORT void rows_to_fixes(const int64_t *rows, int64_t n, double *fixes) {
    static const double per[FIX] = {1e3, 1e6, 1e6, 10.0, 10.0, 1.0};
    for (; n > 0; n--, rows += COLUMNS, fixes += FIX)
        for (int c = 0; c < FIX; c++) fixes[c] = c < DIFFERENCES || rows[c] != -1 ? (double)rows[c] / per[c] : NAN;
}

/* Metres between two rows: on a sphere, and good enough for any leg that is short. */
static double metres(const int64_t *a, const int64_t *b) {
    static const double per_e6 = 6371008.8 * 3.14159265358979323846 / 180e6;
    double lat = (double)b[1] - (double)a[1], lon = fabs((double)b[2] - (double)a[2]);
    if (lon > 180e6) lon = 360e6 - lon;
    double mean = ((double)a[1] + (double)b[1]) / 2 * 3.14159265358979323846 / 180e6;
    return per_e6 * hypot(lat, lon * cos(mean));
}

/* Of the rows from `from` on: how many are mock, and how many are further from the row before them than
   fastest_mps brings one, both accuracies taken off the distance and least_s the shortest time that counts.
   unknown_dm stands for an accuracy that is not stated.
*/
EXPORT void count_doubts(const int64_t *rows, int64_t n, int64_t from, double fastest_mps, double least_s,
                         int64_t unknown_dm, int64_t *mock, int64_t *implausible) {
    *mock = *implausible = 0;
    for (int64_t i = from; i < n; i++) {
        const int64_t *row = rows + i * COLUMNS, *before = row - COLUMNS;
        *mock += row[6] & MOCK;
        if (i == 0) continue;
        double seconds = ((double)row[0] - (double)before[0]) / 1e3;
        double accuracy_dm = (double)(row[3] < 0 ? unknown_dm : row[3]);
        accuracy_dm += (double)(before[3] < 0 ? unknown_dm : before[3]);
        double far = fastest_mps * (seconds > least_s ? seconds : least_s) + accuracy_dm / 10;
        *implausible += metres(before, row) > far;
    }
}

/* The first row that is out of order, out of [from_ms, until_ms] or nowhere on the map; -1: none. */
EXPORT int64_t first_bad(const int64_t *rows, int64_t n, int64_t from_ms, int64_t until_ms) {
    for (int64_t i = 0; i < n; i++) {
        const int64_t *row = rows + i * COLUMNS;
        if (row[0] < from_ms || row[0] > until_ms || (i && row[0] < row[-COLUMNS])) return i;
        if (row[1] < -90000000 || row[1] > 90000000 || row[2] < -180000000 || row[2] > 180000000) return i;
        if (row[1] == 0 && row[2] == 0) return i;
    }
    return -1;
}
