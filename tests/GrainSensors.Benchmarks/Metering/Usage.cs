namespace GrainSensors.Benchmarks.Metering;

/// <summary>What one or several processes together have used between two moments.</summary>
/// <param name="Cpu">User and system time, s.</param>
/// <param name="Allocated">Managed bytes.</param>
/// <param name="Resident">The memory that all of them occupied at the end, bytes.</param>
/// <param name="PeakResident">The sum of the greatest memory of each, since their starts, bytes.</param>
/// <param name="Paused">Time for which a garbage collector has suspended one of them, s.</param>
/// <param name="LongestPause">s.</param>
/// <param name="LongestFullPause">Of a collection of generation 2, s.</param>
internal sealed record Usage(
    double Cpu, long Allocated, long Resident, long PeakResident, double Paused, double LongestPause, double LongestFullPause)
{
    private const double Second = 1_000_000;

    /// <param name="files">One of a <see cref="Meter"/> for each process.</param>
    /// <param name="from">µs since the epoch.</param>
    /// <param name="to">µs since the epoch.</param>
    public static Usage Between(IEnumerable<string> files, long from, long to)
    {
        var total = new Usage(0, 0, 0, 0, 0, 0, 0);
        foreach (var samples in files.Select(Meter.Read))
        {
            var (first, last) = (At(samples, from), At(samples, to));
            var within = samples.Where(sample => sample.At >= from && sample.At <= to).Append(last).ToList();
            total = new(
                total.Cpu + ((last.Cpu - first.Cpu) / Second),
                total.Allocated + last.Allocated - first.Allocated,
                total.Resident + last.Resident,
                total.PeakResident + samples.Where(sample => sample.At <= to).Append(last).Max(sample => sample.Resident),
                total.Paused + ((last.Paused - first.Paused) / Second),
                Math.Max(total.LongestPause, within.Max(sample => sample.LongestPause) / Second),
                Math.Max(total.LongestFullPause, within.Max(sample => sample.LongestFullPause) / Second));
        }

        return total;
    }

    /// <summary>Between two samples what is used grows evenly, as far as this knows.</summary>
    private static Sample At(List<Sample> samples, long moment)
    {
        var after = samples.FindIndex(sample => sample.At >= moment);
        if (after <= 0)
        {
            return after == 0 ? samples[0] : samples[^1];
        }

        var (a, b) = (samples[after - 1], samples[after]);
        var share = (double)(moment - a.At) / (b.At - a.At);
        return b with
        {
            Cpu = a.Cpu + (long)((b.Cpu - a.Cpu) * share),
            Allocated = a.Allocated + (long)((b.Allocated - a.Allocated) * share),
            Paused = a.Paused + (long)((b.Paused - a.Paused) * share),
        };
    }
}
