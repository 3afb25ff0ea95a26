/* The matcher's inner loops: candidates on one route, hypotheses of one courier, folded ping by ping.

   Pure: no I/O and no globals; memory is taken for compiled routes and for a whole trip's path only. Whatever
   is said of the model's constants is said in geo/model.py and geo/progress.py, whose values come in as Rules.
   Lengths in metres, times in seconds, angles in degrees, likelihoods as natural logarithms.
*/
#ifndef MILEPOST_KERNEL_H
#define MILEPOST_KERNEL_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

enum {
    HYPOTHESES = 6, /* carried in a packed state, as geo/state.py says */
    BEAM = 24,      /* room for the offline matcher's, which are not packed */
    CANDIDATES = 12 /* passes of the route near one ping that are weighed; beyond, those from the courier on */
};

/* Names of the constants, in the order in which they come in. */
#define RULES(X)                                                                                              \
    X(hypotheses)                                                                                             \
    X(unknown_m) X(drawing_m) X(noise_gain) X(noise_share) X(tail) X(outlier_log) X(heading_log) X(heading_mps)                            \
    X(start_m) X(elsewhere) X(cruise_mps) X(cruise_weight_s) X(unknown_mps) X(moving) X(moving_weight_s)      \
    X(fastest_mps) X(first_speed_s) X(speed_memory_s) X(cruise_memory_s) X(cruise_share) X(slow_s)            \
    X(moving_memory_s) X(skew) X(mean_return_s) X(spread_share) X(spread_mps) X(mean_error) X(travel_tail)    \
    X(back_sigmas) X(back_tail) X(skip_log) X(return_log)                                                     \
    X(forward_margin) X(back_margin) X(near_m) X(coast_m) X(prune_log) X(apart_m)                             \
    X(off_route_m) X(off_route_sigmas) X(on_route_m) X(off_route_pings) X(stall_mean_s) X(stall_m) X(sure) X(pace_first_s) X(pace_memory_s)

typedef struct {
#define X(name) double name;
    RULES(X)
#undef X
} Rules;

/* accuracy: 1 sigma; nan where the phone says nothing. */
typedef struct {
    double t, lat, lon, accuracy, speed, heading;
} Fix;

/* What is said of one fix; offset is the distance from the route where the fix is an outlier. */
typedef struct {
    double along, fraction, offset;
    double confidence;
    uint8_t on_route, outlier, unused[6];
} Matched;

/* A place on the route that is nearer to a fix than its surroundings along the line. east, north: the line's
   direction there, a unit vector. */
typedef struct {
    double along, offset, east, north;
} Candidate;

/* `nearest`: the distance from the route, however far. */
typedef struct {
    int count;
    double nearest;
    Candidate of[CANDIDATES];
} Candidates;

typedef struct Route Route;

/* Of n vertices, lengths along the line as drawn up to each; NULL where there is no memory. */
EXPORT Route *route_new(int64_t n, const double *lon, const double *lat, const double *along);
EXPORT void route_free(Route *route);
double route_length(const Route *route);

/* All passes of the route within `reach` of a point, rising along it; fills at most `room`, returns how many
   there are. */
EXPORT int64_t route_passes(const Route *route, double lon, double lat, double reach, int64_t room,
                            Candidate *passes);

/* The candidates of a fix; where there are too many, those from `from` on. */
void find(const Route *route, const Fix *fix, double from, Candidates *found);

/* A place where the courier may be. weight: log odds against the best, which has 0; moving: share of the time;
   age: since its last match. */
typedef struct {
    double along, weight, speed, cruise, moving, age;
} Hypothesis;

/* The best comes first. ridden: since the first fix. */
typedef struct {
    int count, reported;
    double ridden;
    Hypothesis of[BEAM];
} Hypotheses;

/* Which row each hypothesis came from, and its match's offset; infinite where it took the fix for an outlier. */
typedef struct {
    int parent[BEAM];
    double offset[BEAM];
} Lineage;

/* One fix of a courier. sigma: standard error across the road. */
typedef struct {
    const Candidates *places;
    const Fix *fix;
    double elapsed, sigma, length;
} Seen;

/* noise: what the offsets of late have been, root mean square. */
double sigma_of(const Rules *rules, double accuracy, double noise);
double noise_after(const Rules *rules, double noise, double sigma, double offset);

/* Weigh every candidate after every hypothesis, and that the fix is an outlier; the likeliest stay. */
void weigh(const Rules *rules, const Hypotheses *before, const Seen *seen, Hypotheses *after,
           Lineage *lineage);

/* The packed state's steps. */
static const double CM = 100.0, NATS = 256.0, SHARES = 255.0, TENTHS = 10.0;

/* Half to even, without a call; for less than 2^51. */
static inline double rounded(double x) {
    const double magic = 0x1.8p52;
    return (x + magic) - magic;
}

#endif
