using System.Globalization;

namespace GrainSensors.EndToEnd.Tests.Exactness;

/// <summary>What <c>replay --output</c> has written.</summary>
internal static class WindowsFile
{
    private const string Header = "sensor_id,metric,window_start,window_end,sample_count,min,max,avg,stddev,revision,is_final";

    /// <summary>A line of it.</summary>
    public sealed record Row(int Sensor, string Metric, long Start, long End, DuckDbOracle.Window Window, int Revision, bool IsFinal);

    public static async Task<List<Row>> ReadAsync(string path)
    {
        var lines = await File.ReadAllLinesAsync(path);
        Assert.Equal(Header, lines[0]);
        return [.. lines.Skip(1).Select(Parse)];
    }

    private static Row Parse(string line)
    {
        var fields = line.Split(',');
        double Number(int at) => double.Parse(fields[at], CultureInfo.InvariantCulture);
        return new(
            int.Parse(fields[0], CultureInfo.InvariantCulture),
            fields[1],
            Moment(fields[2]),
            Moment(fields[3]),
            new(long.Parse(fields[4], CultureInfo.InvariantCulture), Number(5), Number(6), Number(7), Number(8)),
            int.Parse(fields[9], CultureInfo.InvariantCulture),
            bool.Parse(fields[10]));
    }

    private static long Moment(string text) =>
        DateTimeOffset.ParseExact(text, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
            .ToUnixTimeSeconds();
}
