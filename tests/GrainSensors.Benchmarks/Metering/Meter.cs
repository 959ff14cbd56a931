using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace GrainSensors.Benchmarks.Metering;

/// <summary>Writes a <see cref="Sample"/> of its own process into a file, a line every 50 ms, for as long as the process lives.</summary>
internal static class Meter
{
    /// <summary>Names the file.</summary>
    public const string FileVariable = "GRAINSENSORS_METER";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "Both live as long as the process.")]
    public static void Start(string file)
    {
        var pauses = new CollectionPauses();
        var lines = new StreamWriter(file) { AutoFlush = true };
        // Not on the pool, which is measured: where its workers are all busy a timer's samples would come late.
        var thread = new Thread(() =>
        {
            while (true)
            {
                lines.WriteLine(Sample.OfThisProcess(pauses).ToLine());
                LiveMemory.AnswerRequest(file);
                Thread.Sleep(Interval);
            }
        });
        thread.IsBackground = true;
        thread.Name = "meter";
        thread.Start();
    }

    /// <summary>What the process has written until now.</summary>
    public static List<Sample> Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var samples = new List<Sample>();
        var lines = reader.ReadToEnd().Split('\n');

        // The last one is being written, or empty.
        foreach (var line in lines.SkipLast(1))
        {
            samples.Add(Sample.Parse(line, CultureInfo.InvariantCulture));
        }

        return samples;
    }
}
