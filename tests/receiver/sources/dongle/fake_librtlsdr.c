/* A librtlsdr that plays a cu8 file and misbehaves on command. Compiled by the tests; the real pyrtlsdr drives it.
 *
 * SQUITTER_FAKE_IQ       the file to play, over and over (absent: bytes that count up modulo 251, so that every gap shows)
 * SQUITTER_FAKE_CONTROL  a file of KEY=VALUE words, read again before every buffer and every call that can fail:
 *     devices=N         how many dongles are plugged in (1)
 *     first_serial=N    serial of the first one; the others count on (1 -> "00000001")
 *     pace=X            speed against real time; 0 = as fast as it goes (1)
 *     open=CODE         rtlsdr_open returns CODE (0)
 *     stall=1           no more buffers, no error
 *     read=CODE         rtlsdr_read_async returns CODE at the next buffer
 *     crash=1           abort() at the next buffer
 *     hang_close=1      rtlsdr_close never returns
 *     hang_open=1       rtlsdr_open never returns
 *     late_callback=1   one callback more after rtlsdr_cancel_async
 *     short=1           every buffer is half as long as asked for
 *     length=N          every buffer has N bytes (0 is possible)
 *     NAME_code=CODE    the setter that is logged as NAME (rate, frequency, gain, …) returns CODE
 *     lose=PPM          so many of a million samples are skipped, in runs of lose_run samples (lose_run=4096)
 *     jitter_us=N       up to N µs late, at random
 *
 * Compiled with -DOLD it lacks rtlsdr_set_bias_tee; some symbols that pyrtlsdr asks for are never there, as in Debian's.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef void (*callback_t)(unsigned char *, uint32_t, void *);
typedef struct { int cancelled; uint32_t rate, frequency; int gain, manual, agc, bias, ppm; } device_t;

static long control(const char *key, long otherwise) {
    const char *path = getenv("SQUITTER_FAKE_CONTROL");
    FILE *file = path ? fopen(path, "r") : NULL;
    char word[128];
    size_t length = strlen(key);
    long value = otherwise;
    if (!file) return otherwise;
    while (fscanf(file, "%127s", word) == 1)
        if (!strncmp(word, key, length) && word[length] == '=') value = atol(word + length + 1);
    fclose(file);
    return value;
}

static void note(const char *what, long value) {
    const char *path = getenv("SQUITTER_FAKE_LOG");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (!file) return;
    fprintf(file, "%s %ld\n", what, value);
    fclose(file);
}

static int set(const char *what, long value) {
    char key[64];
    snprintf(key, sizeof key, "%s_code", what);
    note(what, value);
    return (int)control(key, 0);
}

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void sleep_until(double when) {
    double left;
    while ((left = when - now_s()) > 0) usleep((useconds_t)(left > 0.01 ? 10000 : left * 1e6 + 1));
}

uint32_t rtlsdr_get_device_count(void) { return (uint32_t)control("devices", 1); }
const char *rtlsdr_get_device_name(uint32_t index) { (void)index; return "Generic RTL2832U (test)"; }

int rtlsdr_get_device_usb_strings(uint32_t index, char *maker, char *product, char *serial) {
    if (index >= rtlsdr_get_device_count()) return -2;
    strcpy(maker, "Test");
    strcpy(product, "RTL2838UHIDIR");
    sprintf(serial, "%08ld", control("first_serial", 1) + index);
    return 0;
}

int rtlsdr_get_index_by_serial(const char *wanted) {
    char maker[256], product[256], serial[256];
    for (uint32_t i = 0; i < rtlsdr_get_device_count(); i++) {
        rtlsdr_get_device_usb_strings(i, maker, product, serial);
        if (!strcmp(wanted, serial)) return (int)i;
    }
    return -3;
}

int rtlsdr_open(device_t **out, uint32_t index) {
    while (control("hang_open", 0)) usleep(50000);
    long code = control("open", 0);
    if (code) { fprintf(stderr, "usb_claim_interface error %ld\n", code); printf("on standard output, too\n"); fflush(stdout); return (int)code; }
    if (index >= rtlsdr_get_device_count()) return -1;
    *out = calloc(1, sizeof(device_t));
    note("open", index);
    return 0;
}

int rtlsdr_close(device_t *dev) {
    while (control("hang_close", 0)) usleep(50000);
    free(dev);
    note("close", 0);
    return 0;
}

int rtlsdr_read_async(device_t *dev, callback_t callback, void *context, uint32_t count, uint32_t length) {
    const char *path = getenv("SQUITTER_FAKE_IQ");
    FILE *file = path ? fopen(path, "rb") : NULL;
    if (length == 0) length = 262144;
    unsigned char *buffer = malloc(length);
    double start = now_s(), made = 0; /* samples made by the tuner since the start */
    double owed = 0;                  /* samples still to be lost */
    uint64_t counter = 0;
    unsigned seed = 1;
    int result = 0;
    (void)count;
    while (!dev->cancelled) {
        long pace = control("pace", 1), code = control("read", 0);
        uint32_t part = control("short", 0) ? length / 2 : length;
        if (control("length", -1) >= 0) { part = (uint32_t)control("length", 0); note("length", part); }
        if (part == 0) { usleep(20000); start += 0.02; }
        if (rtlsdr_get_device_count() == 0) { result = -5; break; }
        if (code) { result = (int)code; break; }
        if (control("crash", 0)) abort();
        if (control("stall", 0)) { usleep(20000); start += 0.02; continue; }
        owed += part / 2 * (control("lose", 0) * 1e-6);
        long run = control("lose_run", 4096);
        if (owed >= run) {
            if (file) fseek(file, 2 * run, SEEK_CUR);
            made += run, counter += 2 * run, owed -= run;
            note("lost", run);
        }
        for (uint32_t at = 0; at < part;) {
            size_t got = file ? fread(buffer + at, 1, part - at, file) : 0;
            if (file && got == 0) { rewind(file); if (feof(file)) clearerr(file); got = fread(buffer + at, 1, part - at, file); if (!got) { fclose(file); file = NULL; } }
            if (!file) { for (; at < part; at++) buffer[at] = (unsigned char)(counter++ % 251); break; }
            at += got;
        }
        made += part / 2;
        if (pace > 0) sleep_until(start + made / dev->rate / pace + control("jitter_us", 0) * 1e-6 * (rand_r(&seed) / (double)RAND_MAX));
        if (dev->cancelled && !control("late_callback", 0)) break;
        callback(buffer, part, context);
    }
    if (control("late_callback", 0)) callback(buffer, length, context);
    free(buffer);
    if (file) fclose(file);
    return result;
}

int rtlsdr_wait_async(device_t *dev, callback_t cb, void *ctx) { return rtlsdr_read_async(dev, cb, ctx, 15, 262144); }
int rtlsdr_cancel_async(device_t *dev) { dev->cancelled = 1; return 0; }
int rtlsdr_reset_buffer(device_t *dev) { (void)dev; return 0; }
int rtlsdr_read_sync(device_t *dev, void *buffer, int length, int *got) {
    (void)dev;
    memset(buffer, 127, (size_t)length);
    *got = length;
    return 0;
}

int rtlsdr_set_center_freq(device_t *dev, uint32_t f) { dev->frequency = f; return set("frequency", f); }
uint32_t rtlsdr_get_center_freq(device_t *dev) { return dev->frequency; }
int rtlsdr_set_freq_correction(device_t *dev, int ppm) { dev->ppm = ppm; return set("ppm", ppm); }
int rtlsdr_get_freq_correction(device_t *dev) { return dev->ppm; }
int rtlsdr_get_tuner_type(device_t *dev) { (void)dev; return 5; }
int rtlsdr_set_tuner_gain(device_t *dev, int gain) { dev->gain = gain; return set("gain", gain); }
int rtlsdr_get_tuner_gain(device_t *dev) { return dev->gain; }
int rtlsdr_get_tuner_gains(device_t *dev, int *gains) {
    static const int steps[] = {0, 9, 14, 27, 37, 77, 87, 125, 144, 157, 166, 197, 207, 229, 254,
                                280, 297, 328, 338, 364, 372, 386, 402, 421, 434, 439, 445, 480, 496};
    (void)dev;
    if (gains) memcpy(gains, steps, sizeof steps);
    return (int)(sizeof steps / sizeof *steps);
}
int rtlsdr_set_tuner_gain_mode(device_t *dev, int manual) { dev->manual = manual; return set("manual", manual); }
int rtlsdr_set_agc_mode(device_t *dev, int on) { dev->agc = on; return set("agc", on); }
#ifndef OLD
int rtlsdr_set_bias_tee(device_t *dev, int on) { dev->bias = on; return set("bias", on); }
#endif
int rtlsdr_set_sample_rate(device_t *dev, uint32_t rate) { dev->rate = rate; return set("rate", rate); }
uint32_t rtlsdr_get_sample_rate(device_t *dev) { return dev->rate; }
int rtlsdr_set_tuner_bandwidth(device_t *dev, uint32_t w) { (void)dev; (void)w; return 0; }
int rtlsdr_set_direct_sampling(device_t *dev, int on) { (void)dev; (void)on; return 0; }
int rtlsdr_set_xtal_freq(device_t *dev, uint32_t a, uint32_t b) { (void)dev; (void)a; (void)b; return 0; }
int rtlsdr_get_xtal_freq(device_t *dev, uint32_t *a, uint32_t *b) { (void)dev; *a = *b = 28800000; return 0; }
int rtlsdr_set_testmode(device_t *dev, int on) { (void)dev; (void)on; return 0; }
int rtlsdr_set_offset_tuning(device_t *dev, int on) { (void)dev; note("offset_tuning", on); return 0; }
int rtlsdr_set_tuner_if_gain(device_t *dev, int stage, int gain) { (void)dev; (void)stage; note("if_gain", gain); return 0; }
