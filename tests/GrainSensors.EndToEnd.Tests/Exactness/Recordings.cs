using System.Globalization;

namespace GrainSensors.EndToEnd.Tests.Exactness;

/// <summary>
/// Recordings to replay: one that is made here, with all that real ones have had so far, and every CSV in the folder
/// that the environment variable <c>GRAINSENSORS_TEST_RECORDINGS</c> names.
/// </summary>
internal static class Recordings
{
    private const int Sensors = 12;
    private const int Minutes = 180;

    public static IEnumerable<string> Of(string folder)
    {
        yield return Generate(Path.Combine(folder, "generated.csv"));
        if (Environment.GetEnvironmentVariable("GRAINSENSORS_TEST_RECORDINGS") is { Length: > 0 } more)
        {
            foreach (var file in Directory.GetFiles(more, "*.csv").Order())
            {
                yield return file;
            }
        }
    }

    /// <summary>
    /// Another order of columns, one that is not known, fractional seconds, readings on the very edge of windows,
    /// disconnected probes, values around zero, gaps, and sensors that start and stop.
    /// </summary>
    private static string Generate(string path)
    {
        var random = new Random(20_240_229);
        using var file = new StreamWriter(path);
        file.WriteLine("humidity,sensor_id,battery,timestamp,temperature");
        for (var minute = 0; minute < Minutes; minute++)
        {
            for (var sensor = 1; sensor <= Sensors; sensor++)
            {
                if (random.Next(15) == 0 || (sensor == 3 && minute is > 40 and < 90))
                {
                    continue;
                }

                var edge = minute % 15 == 0 && sensor % 3 == 0;
                var timestamp = 1_709_164_800L + (minute * 60) + (edge ? 0 : random.Next(60));
                var fraction = edge ? "" : sensor % 4 == 0 ? ".999999" : sensor % 4 == 1 ? $".{random.Next(1000):000}" : "";
                var temperature = random.Next(50) == 0
                    ? ""
                    : Math.Round((random.NextDouble() * 12) - 4, 3).ToString(CultureInfo.InvariantCulture);
                var humidity = random.Next(9) == 0 ? "" : Math.Round(random.NextDouble() * 100, 1).ToString(CultureInfo.InvariantCulture);
                file.WriteLine(FormattableString.Invariant(
                    $"{humidity},{sensor},{random.Next(2000, 3000)},{timestamp}{fraction},{temperature}"));
            }
        }

        return path;
    }
}
