package main

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// machineCollectors tell of this process and the machine that it runs on.
func machineCollectors(dataDir string) []prometheus.Collector {
	return []prometheus.Collector{collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newInstallationGauges(dataDir)}
}

// installationGauges tell of the machine that a server runs on, and which program it is.
type installationGauges struct {
	dir               string
	free, total, info *prometheus.Desc
}

func newInstallationGauges(dir string) *installationGauges {
	return &installationGauges{
		dir:   dir,
		free:  prometheus.NewDesc("referent_disk_free_bytes", "Room on the disk of the data folder.", nil, nil),
		total: prometheus.NewDesc("referent_disk_total_bytes", "Size of the disk of the data folder.", nil, nil),
		info:  prometheus.NewDesc("referent_build_info", "The server's version; the value is 1.", []string{"version"}, nil),
	}
}

// Describe implements prometheus.Collector.
func (g *installationGauges) Describe(to chan<- *prometheus.Desc) {
	to <- g.free
	to <- g.total
	to <- g.info
}

// Collect implements prometheus.Collector. What the disk does not tell is left out.
func (g *installationGauges) Collect(to chan<- prometheus.Metric) {
	to <- prometheus.MustNewConstMetric(g.info, prometheus.GaugeValue, 1, version)
	if space, err := spaceOf(g.dir); err == nil {
		to <- prometheus.MustNewConstMetric(g.free, prometheus.GaugeValue, float64(space.Free))
		to <- prometheus.MustNewConstMetric(g.total, prometheus.GaugeValue, float64(space.Total))
	}
}
