using System.Globalization;
using GrainSensors.Contracts.Sensors;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Producing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Api;

/// <summary>Takes readings that come by HTTP into the log: all of a request, or, where one of them is none, no reading of it.</summary>
internal sealed class ReadingIntake(
    ReadingParser parser, MeasurementSet measurements, ReadingProducer producer, IOptions<IngestOptions> ingest, TimeProvider clock)
{
    public const int MaxItems = 10_000;

    /// <summary>Problems that are told one by one; a script needs no more to see what it does wrong.</summary>
    private const int MaxProblems = 100;

    /// <summary>Readings of all requests that may wait for Kafka.</summary>
    private const int MaxWaiting = 50_000;

    private const int RetryAfter = 1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly RetentionLimit _retention = new(ingest.Value.Period, ingest.Value.Retention);
    private int _waiting;

    /// <summary>Readings of requests that wait for Kafka.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <param name="body">A reading, or an array of them, as <c>sensor-data</c> has them.</param>
    /// <returns>How many readings there are, once Kafka has acknowledged all of them.</returns>
    /// <exception cref="ApiProblem">Nothing was taken; with 503 some may have been, and the sentence says how many.</exception>
    public async Task<int> TakeAsync(ReadOnlyMemory<byte> body)
    {
        var items = JsonItems.Split(body.Span, MaxItems);
        var sensors = Judge(body.Span, items);
        if (producer.IsHolding || Waiting > MaxWaiting)
        {
            throw new ApiProblem(StatusCodes.Status429TooManyRequests, "The windows do not keep up with the readings. None of these was taken; send them again later.") { RetryAfter = RetryAfter };
        }

        await ConnectedAsync(items.Count);
        Interlocked.Add(ref _waiting, items.Count);
        var sent = new Task[items.Count];
        for (var i = 0; i < sent.Length; i++)
        {
            sent[i] = producer.PublishAsync(sensors[i], body.Span[items[i]]);
        }

        await AcknowledgedAsync(sent);
        return sent.Length;
    }

    /// <returns>Whose each reading is.</returns>
    private int[] Judge(ReadOnlySpan<byte> body, List<Range> items)
    {
        if (items.Count == 0)
        {
            throw ApiQuery.Bad("The array is empty; send one reading at least.");
        }

        var sensors = new int[items.Count];
        var problems = new List<ItemProblem>();
        var (rejected, now) = (0, EpochTime.Now(clock));
        for (var i = 0; i < sensors.Length; i++)
        {
            var reason = parser.Parse(body[items[i]], now, out var reading);
            reason = reason == RejectReason.None && _retention.IsExpired(reading.Timestamp, now) ? RejectReason.Expired : reason;
            sensors[i] = reading.SensorId;
            if (reason != RejectReason.None && rejected++ < MaxProblems)
            {
                problems.Add(new(i, reason.ToToken(), Explain(reason)));
            }
        }

        return rejected == 0 ? sensors : throw new ApiProblem(
            StatusCodes.Status400BadRequest,
            string.Create(CultureInfo.InvariantCulture, $"{rejected} of {items.Count} items {(rejected == 1 ? "is" : "are")} no reading, item {problems[0].Index} first: {problems[0].Detail} None was taken."))
        {
            Items = problems,
        };
    }

    /// <summary>The readings of a sensor come in the order of the request: a late one tells less.</summary>
    private async Task ConnectedAsync(int count)
    {
        try
        {
            await producer.ConnectAsync().WaitAsync(Patience, clock);
        }
        catch (Exception e) when (e is ReadingNotPublishedException or TimeoutException)
        {
            throw NotAcknowledged(0, count, e);
        }
    }

    private static ApiProblem NotAcknowledged(int acknowledged, int count, Exception e)
    {
        var why = e is TimeoutException ? $"Kafka has not acknowledged the rest within {Patience.TotalSeconds} s; they may still arrive" : e.Message.TrimEnd('.');
        return new(StatusCodes.Status503ServiceUnavailable, string.Create(CultureInfo.InvariantCulture, $"{acknowledged} of {count} readings are in the log: {why}."))
        {
            RetryAfter = RetryAfter,
        };
    }

    private async Task AcknowledgedAsync(Task[] sent)
    {
        try
        {
            await Task.WhenAll(sent).WaitAsync(Patience, clock);
        }
        catch (Exception e) when (e is ReadingNotPublishedException or TimeoutException)
        {
            throw NotAcknowledged(sent.Count(task => task.IsCompletedSuccessfully), sent.Length, e);
        }
        finally
        {
            // Those that go on waiting weigh until they are done.
            foreach (var task in sent)
            {
                _ = task.ContinueWith(_ => Interlocked.Decrement(ref _waiting), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
    }

    private string Explain(RejectReason reason) => reason switch
    {
        RejectReason.NotJson => "it is no JSON text in UTF-8, or nested too deep.",
        RejectReason.NotAnObject => "it is no JSON object.",
        RejectReason.NoSensorId => "sensor_id is missing.",
        RejectReason.InvalidSensorId => $"sensor_id has to be a whole number from 0 to {int.MaxValue}, written without quotes.",
        RejectReason.NoTimestamp => "timestamp is missing.",
        RejectReason.InvalidTimestamp => "timestamp has to be seconds (or milliseconds) since 1970 as a number, and be neither too old nor ahead of the clock.",
        RejectReason.InvalidValue => $"a value is no number, or not plausible: {string.Join(", ", measurements.All.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Name} {m.Min} to {m.Max}")))}.",
        RejectReason.TooLarge => $"it is larger than {ReadingParser.MaxBytes} bytes.",
        RejectReason.Expired => "the window that it belongs to is past retention.",
        _ => "it was rejected.",
    };
}
