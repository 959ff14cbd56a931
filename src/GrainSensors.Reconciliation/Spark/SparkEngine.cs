using System.Diagnostics;
using GrainSensors.Reconciliation.Log;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Reconciliation.Parsing;
using GrainSensors.Reconciliation.Spark.Job;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Opening;
using GrainSensors.Storage.Reconciliation;
using Npgsql;

namespace GrainSensors.Reconciliation.Spark;

/// <summary>Recomputes windows with a Spark job: writes its options, calls <c>spark-submit</c> and reads the result.</summary>
/// <remarks>
/// Spark reads the topic of readings. The messages of sources are mapped in this process, and their readings staged for Spark.
/// </remarks>
/// <param name="submission">The call of <c>spark-submit</c>.</param>
/// <param name="log">The log.</param>
/// <param name="kafka">Options of Spark's Kafka source.</param>
/// <param name="names">The numbers of names; null: no sensor has a name.</param>
/// <param name="database">The database of the staging tables; the engine disposes it.</param>
/// <param name="jdbc">The address of the same database for Spark.</param>
public sealed class SparkEngine(
    SparkSubmission submission, IReadingLog log, Dictionary<string, string> kafka, ISensorNames? names, NpgsqlDataSource database,
    JdbcAddress jdbc)
    : IRecomputation
{
    /// <summary>Lines of output that the error of a failed job quotes.</summary>
    private const int QuotedLines = 5;

    /// <summary>Spark logs much at its end, and the frames of its exceptions; neither says why a job failed.</summary>
    private static readonly string[] Unquoted = [" INFO ", " WARN ", "\tat ", "\t... "];

    private SparkStaging? _staging;

    public string Name => "spark";

    public long Read => 0;

    /// <exception cref="ReconciliationException">The job failed.</exception>
    public async Task<LogReading> ReadAsync(
        ReconciliationRun run, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges, DeadLetterOffsets deadLetters,
        CancellationToken cancellationToken)
    {
        _staging = new(database, run.Id);
        try
        {
            await _staging.RemoveLeftAsync(cancellationToken);
            await _staging.WriteDeadLettersAsync(deadLetters.OfReadings, cancellationToken);
            var mapped = await MapAsync(_staging, request, ranges, deadLetters, cancellationToken);
            if (ranges.Any(range => range.End > range.Begin))
            {
                await SubmitAsync(Options(run, request, ranges), cancellationToken);
            }

            var read = await _staging.CountReadingsAsync(cancellationToken);
            var places = await _staging.ReadDisagreementsAsync(cancellationToken);
            var parser = new ContractParser(request);
            var classifier = await Task.Run(() => Classify(places, deadLetters, parser, cancellationToken), cancellationToken);
            return mapped with
            {
                Readings = read,
                Disagreements = [.. classifier.Disagreements, .. mapped.Disagreements],
                HasMoreDisagreements = classifier.HasMore || mapped.HasMoreDisagreements,
            };
        }
        catch (NpgsqlException e)
        {
            var cause = e.Message.ReplaceLineEndings(" ").TrimEnd('.');
            throw new ReconciliationException($"The staging tables of {jdbc} cannot be used: {cause}.", e);
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
                // The run has reported the failure of the database. The rows left are in unlogged tables, under the id of the run.
            }
        }

        await database.DisposeAsync();
    }

    internal JobOptions Options(ReconciliationRun run, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges) => new(
        run.Id.ToString(),
        log.Topics[0].Name,
        kafka,
        new(ranges.Where(range => range.Source.TopicId == log.Topics[0].Id)
            .ToDictionary(range => range.Source.Partition, range => new JobRange(range.Begin, range.End))),
        request.Period.TotalMicros,
        request.From,
        request.To,
        request.SensorIds?.ToArray(),
        MeasurementsOf(request),
        request.Earliest,
        jdbc.Url,
        jdbc.User,
        jdbc.Password,
        RequestedWindows.Statement(request));

    internal static JobMeasurement[] MeasurementsOf(ReconciliationRequest request) =>
    [
        .. request.Measurements.Select(measurement => new JobMeasurement(measurement.Name, measurement.Min, measurement.Max)
        {
            Missing = [.. measurement.Missing],
            Factor = measurement.Conversion?.Factor,
            Offset = measurement.Conversion?.Offset ?? 0,
        }),
    ];

    /// <summary>Stages the readings of sources.</summary>
    private Task<LogReading> MapAsync(
        SparkStaging staging, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges, DeadLetterOffsets deadLetters,
        CancellationToken cancellationToken)
    {
        var messages = new ReadingCollector(log, names, request, new(deadLetters, "the engine"));

        // The consumer blocks while it waits for the broker, so it gets a thread of its own.
        return Task.Factory.StartNew(Map, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        LogReading Map()
        {
            var readings = staging.AddReadings(request.Measurements.Count);
            var mapped = messages.Collect(log.Topics.Skip(1), ranges, readings.Add, cancellationToken);
            readings.Flush();
            return mapped;
        }
    }

    /// <summary>
    /// Reads the messages again that Spark and the stream classify differently, with the parser of the local engine. It finds the
    /// windows of most of them, and leaves out rejections that do not depend on the message.
    /// </summary>
    private MessageClassifier Classify(
        IReadOnlyList<(LogPlace Place, bool TakenBySpark)> places, DeadLetterOffsets deadLetters, ContractParser parser,
        CancellationToken cancellationToken)
    {
        var classifier = new MessageClassifier(deadLetters, "Spark");
        var bySpark = places.ToDictionary(at => at.Place, at => at.TakenBySpark);
        var numbering = new MessageNumbering(
            names, item => Compare(item.Place, item.Message, item.Written), cancellationToken);
        MessageLookup.Read(log, parser, [.. places.Select(at => at.Place)], Take, cancellationToken);
        numbering.Flush();
        return classifier;

        void Take(LogPlace place, ParsedMessage? message, long written)
        {
            if (message is { } found)
            {
                numbering.Add(new(place, 0, found, null, written));
            }
            else
            {
                Compare(place, null, written);
            }
        }

        void Compare(LogPlace place, ParsedMessage? message, long written) =>
            classifier.Compare(place, bySpark[place], message, written);
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
        var start = new ProcessStartInfo(submission.Program, submission.Arguments(file))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var last = new Queue<string>();
        await using var stop = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        await Task.WhenAll(
            KeepAsync(process.StandardOutput, last), KeepAsync(process.StandardError, last),
            process.WaitForExitAsync(CancellationToken.None));
        cancellationToken.ThrowIfCancellationRequested();
        if (process.ExitCode != 0)
        {
            throw new ReconciliationException(
                $"The Spark job failed with exit code {process.ExitCode}; its last output: {Redact(string.Join(" | ", last))}");
        }
    }

    private static async Task KeepAsync(StreamReader lines, Queue<string> last)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            if (Array.Exists(Unquoted, text => line.Contains(text, StringComparison.Ordinal)))
            {
                continue;
            }

            lock (last)
            {
                last.Enqueue(line.Trim());
                if (last.Count > QuotedLines)
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
