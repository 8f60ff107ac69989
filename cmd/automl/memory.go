package main

import (
	"os"
	"strconv"
	"strings"
)

// memoryLimit reads a size such as 512MB or 2G; without one it is 80 % of what the machine or the cgroup allows.
func memoryLimit(text string) (int64, error) {
	if text == "" {
		return machineMemory() / 10 * 8, nil
	}
	number := strings.TrimRight(strings.ToUpper(text), "IB")
	unit := int64(1)
	if n := len(number); n > 0 {
		if i := strings.IndexByte("KMGT", number[n-1]); i >= 0 {
			unit = 1 << (10 * (i + 1))
			number = number[:n-1]
		}
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !(v > 0) {
		return 0, usagef("--memory %s: want a size such as 512MB or 2GB", text)
	}
	if size := v * float64(unit); size >= 32<<20 && size < 1<<60 {
		return int64(size), nil
	}
	return 0, usagef("--memory %s: want at least 32MB", text)
}

// machineMemory is the smallest of the machine's memory and the limits of cgroup versions 1 and 2.
func machineMemory() int64 {
	limit := int64(4) << 30
	if data, err := os.ReadFile("/proc/meminfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if f := strings.Fields(line); len(f) >= 2 && f[0] == "MemTotal:" {
				if kb, err := strconv.ParseInt(f[1], 10, 64); err == nil {
					limit = kb << 10
				}
			}
		}
	}
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if v, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64); err == nil && v > 0 {
			limit = min(limit, v)
		}
	}
	return limit
}
