using System.Globalization;

namespace GrainSensors.Benchmarks.Metering;

/// <summary>What a process holds on to, asked for by a file beside that of its <see cref="Meter"/>.</summary>
/// <param name="Managed">Bytes that a full collection has left.</param>
/// <param name="Resident">Bytes of memory that the process then occupied, what it has given back to the system left out.</param>
internal sealed record LiveMemory(long Managed, long Resident)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    /// <param name="file">Of the process's meter.</param>
    public static async Task<LiveMemory> AskAsync(string file, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Request(file), "", cancellationToken);
        using var timer = new PeriodicTimer(LookInterval);
        while (File.Exists(Request(file)))
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }

        var numbers = (await File.ReadAllTextAsync(Answer(file), cancellationToken)).Split(' ');
        File.Delete(Answer(file));
        return new(long.Parse(numbers[0], CultureInfo.InvariantCulture), long.Parse(numbers[1], CultureInfo.InvariantCulture));
    }

    /// <summary>In the process that is asked.</summary>
    public static void AnswerRequest(string file)
    {
        if (File.Exists(Request(file)))
        {
            // What finalizers let go is collected the second time.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            File.WriteAllText(
                Answer(file), string.Create(CultureInfo.InvariantCulture, $"{GC.GetTotalMemory(false)} {Environment.WorkingSet}"));
            File.Delete(Request(file));
        }
    }

    private static string Request(string file) => $"{file}.collect";

    private static string Answer(string file) => $"{file}.collected";
}
