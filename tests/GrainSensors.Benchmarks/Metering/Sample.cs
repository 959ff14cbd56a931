namespace GrainSensors.Benchmarks.Metering;

/// <summary>What a process has used until a moment.</summary>
/// <param name="At">µs since the epoch.</param>
/// <param name="Cpu">User and system time, µs.</param>
/// <param name="Allocated">Managed bytes, those collected since included.</param>
/// <param name="Resident">Bytes of memory that it occupies at the moment.</param>
/// <param name="Paused">Time for which the garbage collector has suspended it, µs.</param>
/// <param name="LongestPause">Since the sample before, µs.</param>
/// <param name="LongestFullPause">Of a collection of generation 2, since the sample before, µs.</param>
internal readonly record struct Sample(
    long At, long Cpu, long Allocated, long Resident, long Paused, long LongestPause, long LongestFullPause)
{
    public static Sample OfThisProcess(CollectionPauses pauses) => new(
        (long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds,
        (long)Environment.CpuUsage.TotalTime.TotalMicroseconds,
        GC.GetTotalAllocatedBytes(),
        Environment.WorkingSet,
        (long)GC.GetTotalPauseDuration().TotalMicroseconds,
        pauses.TakeLongest(),
        pauses.TakeLongestFull());

    public static Sample Parse(string line, IFormatProvider provider)
    {
        var numbers = Array.ConvertAll(line.Split(' '), text => long.Parse(text, provider));
        return new(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]);
    }

    public string ToLine() => FormattableString.Invariant($"{At} {Cpu} {Allocated} {Resident} {Paused} {LongestPause} {LongestFullPause}");
}
