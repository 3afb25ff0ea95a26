/* A route that can be searched: its legs, a hashed grid for what is near, bounding circles for what is far.

   Each cell of the grid lists every leg that passes within NEAR_M of any of its points, so one look-up answers a
   ping, whatever the length of the route. The circles hold runs of consecutive legs, on two levels. A ping is the
   origin of its own plane, with the ellipsoid's radii at its latitude: exact where it matters, over any extent.
*/
#include <stdlib.h>
#include <string.h>

#include "route.h"

static const double SEMI_MAJOR_M = 6378137.0, ECCENTRICITY_2 = 6.6943799901413e-3, RADIAN = 0.017453292519943295;
static const double MIN_COS = 1e-6; /* at a pole a degree of longitude has no length; finite answers need some */
static const double SAMPLE_M = 20.0; /* legs are entered into the grid at points no further apart */
static const int64_t EMPTY = INT64_MIN;

Plane plane_at(double lon, double lat) {
    double phi = lat * RADIAN, s = sin(phi), w = 1.0 - ECCENTRICITY_2 * s * s;
    double prime_vertical = SEMI_MAJOR_M / sqrt(w);
    return (Plane){lon, lat, RADIAN * prime_vertical * fmax(cos(phi), MIN_COS),
                   RADIAN * prime_vertical * (1.0 - ECCENTRICITY_2) / w};
}

/* Exact up to 2^31 cells east and north. */
static int64_t cell_key(double x, double y) {
    uint64_t column = (uint64_t)(int64_t)floor(x / CELL_M), row = (uint64_t)(int64_t)floor(y / CELL_M);
    return (int64_t)((column & 0x7fffffff) << 32 | (row & 0xffffffff));
}

static int64_t hashed(int64_t key) { return (int64_t)(((uint64_t)key * 0x9e3779b97f4a7c15u) >> 33); } /* Fibonacci */

static Cell *slot_of(Cell *cells, int64_t mask, int64_t key) {
    int64_t at = hashed(key) & mask;
    while (cells[at].key != key && cells[at].key != EMPTY) at = (at + 1) & mask;
    return cells + at;
}

const Cell *cell_at(const Route *route, const Plane *plane) {
    int64_t key = cell_key(plane->lon * route->kx, plane->lat * route->ky);
    return slot_of(route->cells, route->mask, key);
}

static Cell *emptied(int64_t size) {
    Cell *cells = malloc((size_t)size * sizeof *cells);
    for (int64_t i = 0; cells && i < size; i++) cells[i] = (Cell){EMPTY, 0, 0, -1};
    return cells;
}

/* Twice as large; false where there is no memory. */
static bool grown(Route *route) {
    int64_t old = route->mask + 1, size = 2 * old;
    Cell *cells = emptied(size);
    if (!cells) return false;
    for (int64_t i = 0; i < old; i++)
        if (route->cells[i].key != EMPTY) *slot_of(cells, size - 1, route->cells[i].key) = route->cells[i];
    free(route->cells);
    route->cells = cells;
    route->mask = size - 1;
    return true;
}

/* Enter one leg into the cells around each of its sample points: at first its turn is only counted, then
   `listed` is there and it is written. */
static bool entered(Route *route, int64_t leg, int64_t *used) {
    const Leg *l = route->legs + leg;
    Plane middle = plane_at(l->lon + l->dlon / 2, l->lat + l->dlat / 2);
    int64_t parts = (int64_t)fmax(ceil(hypot(l->dlon * middle.east, l->dlat * middle.north) / SAMPLE_M), 1.0);
    for (int64_t i = 0; i <= parts; i++) {
        double part = (double)i / (double)parts, reach = CELL_M / 2;
        double x = (l->lon + part * l->dlon) * route->kx, y = (l->lat + part * l->dlat) * route->ky;
        for (int corner = 0; corner < 4; corner++) {
            int64_t key = cell_key(x + (corner & 1 ? reach : -reach), y + (corner & 2 ? reach : -reach));
            Cell *cell = slot_of(route->cells, route->mask, key);
            if (cell->last == leg) continue;
            if (cell->key == EMPTY) {
                if (2 * ++*used > route->mask && !grown(route)) return false;
                cell = slot_of(route->cells, route->mask, key);
                cell->key = key;
            }
            cell->last = (int32_t)leg;
            if (route->listed) route->listed[cell->first + cell->count] = (int32_t)leg;
            cell->count++;
        }
    }
    return true;
}

static bool listed(Route *route) {
    int64_t used = 0, total = 0;
    route->cells = emptied(16);
    route->mask = 15;
    if (!route->cells) return false;
    for (int64_t leg = 0; leg < route->count; leg++)
        if (!entered(route, leg, &used)) return false;
    for (int64_t i = 0; i <= route->mask; i++) {
        Cell *cell = route->cells + i;
        cell->first = (int32_t)total;
        total += cell->count;
        cell->count = 0;
        cell->last = -1;
    }
    route->listed = malloc((size_t)total * sizeof *route->listed);
    if (!route->listed) return false;
    for (int64_t leg = 0; leg < route->count; leg++) entered(route, leg, &used);
    return true;
}

/* The circle around the bounding box of legs `first` up to `end`. */
static Circle around(const Route *route, int64_t first, int64_t end) {
    double west = INFINITY, east = -INFINITY, south = INFINITY, north = -INFINITY, flattest = INFINITY;
    for (int64_t i = first; i <= end; i++) { /* the last leg's end is the next one's start */
        const Leg *l = route->legs + (i < end ? i : end - 1);
        double lon = l->lon + (i < end ? 0.0 : l->dlon), lat = l->lat + (i < end ? 0.0 : l->dlat);
        west = fmin(west, lon), east = fmax(east, lon), south = fmin(south, lat), north = fmax(north, lat);
        flattest = fmin(flattest, fabs(lat));
    }
    Plane plane = plane_at(0.0, flattest);
    double wide = (east - west) / 2 * plane.east, high = (north - south) / 2 * plane.north;
    return (Circle){(west + east) / 2, (south + north) / 2, hypot(wide, high)};
}

static Circle *circles(const Route *route, int64_t run) {
    int64_t n = (route->count + run - 1) / run;
    Circle *found = malloc((size_t)n * sizeof *found);
    for (int64_t i = 0; found && i < n; i++)
        found[i] = around(route, i * run, (i + 1) * run < route->count ? (i + 1) * run : route->count);
    return found;
}

Route *route_new(int64_t n, const double *lon, const double *lat, const double *along) {
    Route *route = calloc(1, sizeof *route);
    if (!route) return NULL;
    route->count = n - 1;
    route->length = along[n - 1];
    route->legs = malloc((size_t)(n - 1) * sizeof *route->legs);
    if (!route->legs) goto failed;
    double west = lon[0], east = lon[0], lowest = fabs(lat[0]), highest = fabs(lat[0]);
    for (int64_t i = 0; i < n; i++) {
        west = fmin(west, lon[i]), east = fmax(east, lon[i]);
        lowest = fmin(lowest, fabs(lat[i])), highest = fmax(highest, fabs(lat[i]));
    }
    for (int64_t i = 0; i + 1 < n; i++)
        route->legs[i] = (Leg){lon[i], lat[i], lon[i + 1] - lon[i], lat[i + 1] - lat[i],
                               along[i], along[i + 1] - along[i]};
    route->middle = (west + east) / 2;
    /* The grid's degrees are shortest in metres where the route comes nearest to a pole. */
    route->kx = plane_at(0.0, highest).east;
    route->ky = plane_at(0.0, lowest).north;
    if (!listed(route)) goto failed;
    route->small = circles(route, RUN);
    route->large = circles(route, RUN * RUNS);
    if (route->small && route->large) return route;
failed:
    route_free(route);
    return NULL;
}

void route_free(Route *route) {
    if (!route) return;
    free(route->legs);
    free(route->cells);
    free(route->listed);
    free(route->small);
    free(route->large);
    free(route);
}

double route_length(const Route *route) { return route->length; }
