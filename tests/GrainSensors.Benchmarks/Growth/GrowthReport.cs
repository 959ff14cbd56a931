using System.Globalization;
using GrainSensors.Benchmarks.CommandLine;

namespace GrainSensors.Benchmarks.Growth;

/// <summary>Prints a line for each piece as it comes.</summary>
internal sealed class GrowthReport(int sensors, bool json)
{
    private readonly List<GrowthInterval> _intervals = [];

    public void Add(GrowthInterval interval)
    {
        if (_intervals.Count == 0)
        {
            Say($"{sensors:N0} sensors");
            Say($"{"seconds",8}{"readings/s",13}{"CPU s/M",9}{"RSS MB",9}{"peak MB",9}{"GC paused",11}{"longest",10}{"gen 2",10}");
        }

        _intervals.Add(interval);
        var usage = interval.Usage;
        var pauses = FormattableString.Invariant(
            $"{usage.Paused / interval.Seconds,11:P1}{usage.LongestPause * 1e3,7:N0} ms{usage.LongestFullPause * 1e3,7:N0} ms");
        var (resident, peak) = (usage.Resident / 1e6, usage.PeakResident / 1e6);
        Say($"{interval.Until,8:0}{interval.Rate,13:N0}{interval.CpuPerMillion,9:0.00}{resident,9:N0}{peak,9:N0}{pauses}");
    }

    public void End(long sent, long counted)
    {
        var rows = sent == counted ? "each is in the rows once" : FormattableString.Invariant($"{counted:N0} ARE IN THE ROWS");
        Say($"{sent:N0} readings were sent, {rows}");
        if (json)
        {
            JsonText.Print(new { sensors, intervals = _intervals, sent, counted });
        }
    }

    private void Say(FormattableString text)
    {
        if (!json)
        {
            Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        }
    }
}
