/* The offline matcher: the likeliest path through a whole trip's hypotheses (Viterbi), kept to BEAM of them. */
#include <stdlib.h>

#include "kernel.h"

/* n × BEAM: what each fix's hypotheses were. */
typedef struct {
    double *along, *offset;
    int *parent;
} Trellis;

static void forward(const Rules *r, const Route *route, int64_t n, const Fix *fixes, Trellis *trellis,
                    double *nearest, Hypotheses *last) {
    Hypotheses h = {0}, after;
    double noise = 0.0;
    for (int64_t i = 0; i < n; i++) {
        Candidates places;
        Lineage lineage;
        double elapsed = i ? fmin(fixes[i].t - fixes[i - 1].t, 1e9) : 0.0;
        find(route, fixes + i, h.count ? h.of[0].along : 0.0, &places);
        Seen seen = {&places, fixes + i, elapsed, sigma_of(r, fixes[i].accuracy, noise), route_length(route)};
        weigh(r, &h, &seen, &after, &lineage);
        h = after;
        nearest[i] = places.nearest;
        if (places.count) noise = noise_after(r, noise, seen.sigma, fmin(lineage.offset[0], places.nearest));
        for (int k = 0; k < BEAM; k++) { /* before the first match there is one row, of an outlier */
            bool there = k < h.count;
            trellis->along[i * BEAM + k] = there ? h.of[k].along : 0.0;
            trellis->offset[i * BEAM + k] = there ? lineage.offset[k] : INFINITY;
            trellis->parent[i * BEAM + k] = there ? lineage.parent[k] : 0;
        }
    }
    *last = h;
}

/* From the last fix back: every last hypothesis' ancestor at each, and how much of the odds agrees with the
   likeliest one's. */
static void backtrack(const Rules *r, int64_t n, const Trellis *trellis, const Hypotheses *last, Matched *matches) {
    int at[BEAM];
    double mass[BEAM], total = 0.0;
    for (int k = 0; k < last->count; k++) at[k] = k, total += mass[k] = exp(last->of[k].weight);
    for (int64_t i = n - 1; i >= 0; i--) {
        const double *along = trellis->along + i * BEAM;
        double near = 0.0;
        for (int k = 0; k < last->count; k++)
            if (fabs(along[at[k]] - along[at[0]]) < r->near_m) near += mass[k];
        matches[i].along = along[at[0]];
        matches[i].offset = trellis->offset[i * BEAM + at[0]];
        matches[i].outlier = matches[i].offset == INFINITY;
        matches[i].confidence = near / total;
        for (int k = 0; k < last->count; k++) at[k] = trellis->parent[i * BEAM + at[k]];
    }
}

/* Outliers lie between their neighbours by time; before the first match and after the last, there. */
static void between(int64_t n, const Fix *fixes, Matched *matches) {
    int64_t before = -1;
    for (int64_t i = 0; i <= n; i++) {
        if (i < n && matches[i].outlier) continue;
        for (int64_t j = before + 1; j < i; j++) {
            int64_t a = before < 0 ? i : before, b = i < n ? i : before;
            double span = fixes[b].t - fixes[a].t, part = span > 0.0 ? (fixes[j].t - fixes[a].t) / span : 0.0;
            matches[j].along = matches[a].along + part * (matches[b].along - matches[a].along);
        }
        before = i;
    }
}

/* Fixes in runs of off_route_pings and more that are off the route: knowing the end, from their first. */
static void astray(const Rules *r, int64_t n, const Fix *fixes, const double *nearest, Matched *matches) {
    int64_t first = 0;
    for (int64_t i = 0; i <= n; i++) {
        if (i < n && nearest[i] > fmax(r->off_route_m, r->off_route_sigmas * sigma_of(r, fixes[i].accuracy, 0.0)))
            continue;
        for (int64_t j = first; j < i; j++) matches[j].on_route = i - first < r->off_route_pings;
        if (i < n) matches[i].on_route = true;
        first = i + 1;
    }
}

/* n fixes of rising time, n >= 1, all finite. False where there is no memory. */
EXPORT bool smooth(const Rules *r, const Route *route, int64_t n, const Fix *fixes, Matched *matches) {
    Trellis trellis = {malloc((size_t)n * BEAM * sizeof(double)), malloc((size_t)n * BEAM * sizeof(double)),
                       malloc((size_t)n * BEAM * sizeof(int))};
    double *nearest = malloc((size_t)n * sizeof(double));
    bool room = trellis.along && trellis.offset && trellis.parent && nearest;
    if (room) {
        Hypotheses last;
        forward(r, route, n, fixes, &trellis, nearest, &last);
        for (int64_t i = 0; i < n; i++) matches[i] = (Matched){.offset = INFINITY, .outlier = true};
        if (last.count) backtrack(r, n, &trellis, &last, matches);
        if (last.count) between(n, fixes, matches);
        astray(r, n, fixes, nearest, matches);
        for (int64_t i = 0; i < n; i++) {
            matches[i].fraction = matches[i].along / route_length(route);
            if (matches[i].outlier) matches[i].offset = nearest[i];
        }
    }
    free(trellis.along);
    free(trellis.offset);
    free(trellis.parent);
    free(nearest);
    return room;
}
