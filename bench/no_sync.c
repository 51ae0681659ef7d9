/* Preloaded, it makes syncing free: what is left of a call is everything but the disk. */
int fsync(int file) { return (void)file, 0; }
int fdatasync(int file) { return (void)file, 0; }
