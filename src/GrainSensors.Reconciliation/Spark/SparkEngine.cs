using System.Diagnostics;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Reconciliation.Spark.Job;
using GrainSensors.Storage.Opening;
using GrainSensors.Storage.Reconciliation;
using Npgsql;

namespace GrainSensors.Reconciliation.Spark;

/// <summary>Recomputes windows by a Spark job: prepares it, calls <c>spark-submit</c> and picks up what it has written.</summary>
/// <param name="kafka">Options of Spark's Kafka source.</param>
/// <param name="database">For the staging tables; disposed of with the engine.</param>
/// <param name="jdbc">The same database, for Spark.</param>
public sealed class SparkEngine(
    SparkSubmission submission, IReadingLog log, Dictionary<string, string> kafka, NpgsqlDataSource database, JdbcAddress jdbc) : IRecomputation
{
    private const int MostDisagreements = 10_000;

    /// <summary>Of what a job that has failed has said, the end is what matters.</summary>
    private const int LinesTold = 5;

    private SparkStaging? _staging;

    public string Name => "spark";

    /// <exception cref="ReconciliationException">The job has failed.</exception>
    public async Task<LogReading> ReadAsync(
        ReconciliationRun run, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges, DeadLetterOffsets letters, CancellationToken cancellationToken)
    {
        _staging = new(database, run.Id);
        try
        {
            await _staging.WriteDeadLettersAsync(letters.All.Select(letter => new LogPlace(letter.Partition, letter.Offset)), cancellationToken);
            if (ranges.Any(range => range.End > range.Begin))
            {
                await SubmitAsync(Options(run, request, ranges), cancellationToken);
            }

            var read = await _staging.CountReadingsAsync(cancellationToken);
            return new(read, Judge(await _staging.ReadDisagreementsAsync(MostDisagreements, cancellationToken), letters));
        }
        catch (NpgsqlException e)
        {
            throw new ReconciliationException($"The staging tables of {jdbc} cannot be used: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    public IAsyncEnumerable<RecomputedWindow> WindowsAsync(ReconciliationRequest request, CancellationToken cancellationToken) =>
        _staging!.WindowsAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_staging is not null)
        {
            try
            {
                await _staging.ClearAsync();
            }
            catch (NpgsqlException)
            {
                // Why the database cannot be used has been said already; what stays is unlogged and bears the id of the run.
            }
        }

        await database.DisposeAsync();
    }

    internal JobOptions Options(ReconciliationRun run, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges) => new(
        run.Id.ToString(),
        log.Topic,
        kafka,
        new(ranges.ToDictionary(range => range.Source.Partition, range => new JobRange(range.Begin, range.End))),
        request.Period.TotalMicros,
        request.From,
        request.To,
        request.SensorIds?.ToArray(),
        [.. request.Measurements.Select(measurement => new JobMeasurement(measurement.Name, measurement.Min, measurement.Max))],
        request.Earliest,
        jdbc.Url,
        jdbc.User,
        jdbc.Password,
        WindowsStatement.ForAll(
            request.Period.TotalMicros, request.From, request.To, [.. request.Measurements.Select(measurement => measurement.Name)]));

    /// <summary>What depends on the moment at which the stream read a message is no disagreement about what is in it.</summary>
    internal static List<ParseDisagreement> Judge(IEnumerable<(LogPlace Place, bool TakenBySpark)> places, DeadLetterOffsets letters)
    {
        var disagreements = new List<ParseDisagreement>();
        foreach (var (place, takenBySpark) in places)
        {
            if (!takenBySpark)
            {
                if (!letters.AreIncomplete)
                {
                    disagreements.Add(new(place, true, "no dead letter, and no reading to Spark"));
                }
            }
            else if (letters.TryFind(place.Partition, place.Offset, out var letter) && letter.IsOfContents)
            {
                disagreements.Add(new(place, false, $"rejected by the stream as {letter.Reason}, a reading to Spark"));
            }
        }

        return disagreements;
    }

    private async Task SubmitAsync(JobOptions options, CancellationToken cancellationToken)
    {
        var file = Path.Combine(Path.GetTempPath(), $"grainsensors-reconcile-{options.RunId}.json");
        try
        {
            var access = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                access.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            await using (var writer = new StreamWriter(file, access))
            {
                await writer.WriteAsync(options.ToJson());
            }

            await RunAsync(file, cancellationToken);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task RunAsync(string file, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(submission.Program, submission.Arguments(file)) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var last = new Queue<string>();
        await using var stop = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        await Task.WhenAll(KeepAsync(process.StandardOutput, last), KeepAsync(process.StandardError, last), process.WaitForExitAsync(CancellationToken.None));
        cancellationToken.ThrowIfCancellationRequested();
        if (process.ExitCode != 0)
        {
            throw new ReconciliationException(
                $"The Spark job has failed with exit code {process.ExitCode}; the last it said: {Redact(string.Join(" | ", last))}");
        }
    }

    private static async Task KeepAsync(StreamReader lines, Queue<string> last)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            lock (last)
            {
                last.Enqueue(line.Trim());
                if (last.Count > LinesTold)
                {
                    last.Dequeue();
                }
            }
        }
    }

    private string Redact(string text)
    {
        foreach (var secret in new[] { jdbc.Password, kafka.GetValueOrDefault("kafka.sasl.jaas.config") })
        {
            text = string.IsNullOrEmpty(secret) ? text : text.Replace(secret, "[redacted]", StringComparison.Ordinal);
        }

        return text;
    }
}
