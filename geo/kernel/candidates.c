/* Where a ping may be on its route: the local minima of its distance from the line. */
#include "route.h"

static const double APART_M = 15.0; /* of two minima nearer than this along the line the closer one stands for both */
static const double WIDE_SIGMAS = 4.0; /* an inaccurate fix is searched for so many of its standard errors around ... */
static const double WIDE_M = 400.0; /* ... but no further: beyond, it says nothing about the place */
static const double BACK_M = 100.0; /* where there are too many, those further behind the courier are left out */

/* Minima come in rising along, each held back until it is sure that it stands alone. `take` gets those within
   reach. */
typedef struct {
    const Plane *plane;
    double reach, apart, nearest;
    int64_t leg; /* the one before; -2: none */
    bool ended;  /* whether that one's nearest point is its end */
    Candidate held, corner; /* held: along < 0 none; corner: the end of the one before */
    void (*take)(void *to, const Candidate *found);
    void *to;
} Scan;

static Scan scan_of(const Plane *plane, double reach, double apart, void (*take)(void *, const Candidate *),
                    void *to) {
    return (Scan){.plane = plane, .reach = reach, .apart = apart, .nearest = INFINITY, .leg = -2,
                  .held = {.along = -1.0}, .take = take, .to = to};
}

static void flushed(Scan *scan) {
    if (scan->held.along >= 0.0) scan->take(scan->to, &scan->held);
    scan->held.along = -1.0;
}

static void offered(Scan *scan, const Candidate *found) {
    scan->nearest = fmin(scan->nearest, found->offset);
    if (found->offset > scan->reach) return;
    if (scan->held.along >= 0.0 && found->along - scan->held.along < scan->apart) {
        if (found->offset < scan->held.offset) scan->held = *found;
        return;
    }
    flushed(scan);
    scan->held = *found;
}

/* One more leg, in order. A minimum lies inside a leg, or at the vertex where one leg ends nearest and the next
   begins nearest; at the ends of the route one leg is enough. */
static void scanned(Scan *scan, const Route *route, int64_t leg) {
    const Leg *l = route->legs + leg;
    const Plane *p = scan->plane;
    double x = (l->lon - p->lon) * p->east, y = (l->lat - p->lat) * p->north;
    double dx = l->dlon * p->east, dy = l->dlat * p->north, square = dx * dx + dy * dy;
    double part = -(x * dx + y * dy) / square;
    bool at_start = part <= 0.0, at_end = part >= 1.0;
    if (at_start && scan->ended && scan->leg + 1 == leg) offered(scan, &scan->corner);
    scan->leg = leg;
    scan->ended = at_end;
    part = at_start ? 0.0 : at_end ? 1.0 : part;
    if ((at_start && leg > 0)) return;
    x += part * dx;
    y += part * dy;
    double offset = sqrt(x * x + y * y), size = sqrt(square);
    Candidate found = {l->along + part * l->dalong, offset, dx / size, dy / size};
    if (at_end && leg + 1 < route->count)
        scan->corner = found;
    else
        offered(scan, &found);
}

static double away(const Plane *p, const Circle *c) {
    return hypot((c->lon - p->lon) * p->east, (c->lat - p->lat) * p->north);
}

/* A twentieth more, because far away the ping's plane and the circle's are not the same. */
static double within(const Plane *plane, const Circle *circles, int64_t first, int64_t end, double limit) {
    for (int64_t i = first; i < end; i++) limit = fmin(limit, 1.05 * (away(plane, circles + i) + circles[i].radius));
    return limit;
}

/* Every leg that is within reach, and the nearest one wherever it is. */
static void scan_far(Scan *scan, const Route *route, double reach) {
    int64_t smalls = (route->count + RUN - 1) / RUN, larges = (smalls + RUNS - 1) / RUNS;
    double sure = within(scan->plane, route->large, 0, larges, INFINITY);
    for (int64_t i = 0; i < larges; i++) {
        int64_t end = (i + 1) * RUNS < smalls ? (i + 1) * RUNS : smalls;
        if (away(scan->plane, route->large + i) - 1.05 * route->large[i].radius > fmax(reach, sure)) continue;
        sure = within(scan->plane, route->small, i * RUNS, end, sure);
        for (int64_t j = i * RUNS; j < end; j++) {
            if (away(scan->plane, route->small + j) - 1.05 * route->small[j].radius > fmax(reach, sure)) continue;
            int64_t last = (j + 1) * RUN < route->count ? (j + 1) * RUN : route->count;
            for (int64_t leg = j * RUN; leg < last; leg++) scanned(scan, route, leg);
        }
    }
}

static Plane in_reach(const Route *route, double lon, double lat) {
    double turn = (lon - route->middle + 180.0) / 360.0;
    return plane_at(lon - 360.0 * floor(turn), lat);
}

/* The last CANDIDATES before `from` on a ring, then the first ones after. */
typedef struct {
    double from;
    int behind, ahead;
    Candidate ring[CANDIDATES], next[CANDIDATES];
} Choice;

static void chosen(void *to, const Candidate *found) {
    Choice *choice = to;
    if (found->along < choice->from)
        choice->ring[choice->behind++ % CANDIDATES] = *found;
    else if (choice->ahead < CANDIDATES)
        choice->next[choice->ahead++] = *found;
}

static void told(const Choice *choice, Candidates *found) {
    int room = CANDIDATES - choice->ahead, behind = choice->behind < room ? choice->behind : room;
    found->count = 0;
    for (int i = choice->behind - behind; i < choice->behind; i++)
        found->of[found->count++] = choice->ring[i % CANDIDATES];
    for (int i = 0; i < choice->ahead; i++) found->of[found->count++] = choice->next[i];
}

void find(const Route *route, const Fix *fix, double from, Candidates *found) {
    Plane plane = in_reach(route, fix->lon, fix->lat);
    Choice choice = {.from = from - BACK_M};
    Scan scan = scan_of(&plane, NEAR_M, APART_M, chosen, &choice);
    double wide = fix->accuracy * WIDE_SIGMAS > NEAR_M ? fmin(fix->accuracy * WIDE_SIGMAS, WIDE_M) : NEAR_M;
    if (wide == NEAR_M) {
        const Cell *cell = cell_at(route, &plane);
        for (int32_t i = 0; i < cell->count; i++) scanned(&scan, route, route->listed[cell->first + i]);
        flushed(&scan);
    }
    if (choice.ahead + choice.behind == 0) {
        scan.reach = wide;
        scan.leg = -2;
        scan_far(&scan, route, wide);
        flushed(&scan);
    }
    told(&choice, found);
    found->nearest = scan.nearest;
}

typedef struct {
    Candidate *passes;
    int64_t count, room;
} List;

static void appended(void *to, const Candidate *found) {
    List *list = to;
    if (list->count < list->room) list->passes[list->count] = *found;
    list->count++;
}

int64_t route_passes(const Route *route, double lon, double lat, double reach, int64_t room, Candidate *passes) {
    Plane plane = in_reach(route, lon, lat);
    List list = {passes, 0, room};
    Scan scan = scan_of(&plane, reach, 0.0, appended, &list);
    scan_far(&scan, route, reach);
    flushed(&scan);
    return list.count;
}
