using System.Globalization;
using GrainSensors.Contracts.Sensors;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using GrainSensors.Ingest.Producing.Once;
using GrainSensors.Web.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Api;

/// <summary>Produces the readings of a request to Kafka: all of them, or none if one is invalid.</summary>
internal sealed class ReadingIntake(
    ReadingParser parser, ReadingProducer producer, SendScopes scopes, IOptions<IngestOptions> ingest, IOptions<KafkaOptions> kafka,
    TimeProvider clock)
{
    public const int MaxItems = 10_000;

    /// <summary>Invalid items that a problem lists; enough to find the error in a script.</summary>
    private const int MaxProblems = 100;

    /// <summary>Readings of all requests that may wait for Kafka.</summary>
    private const int MaxWaiting = 50_000;

    /// <summary>The seconds after which a client may send a refused request again.</summary>
    private const int RetryAfter = 1;

    private static readonly TimeSpan AcknowledgementTimeout = TimeSpan.FromSeconds(15);
    private readonly RejectionRules _rules = new(parser, new(ingest.Value.Period, ingest.Value.Retention));
    private int _waiting;

    /// <summary>Readings of requests that wait for Kafka's acknowledgement.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <param name="body">A reading or an array of readings, in the format of the topic <c>sensor-data</c>.</param>
    /// <param name="areLines">The body is a sequence of readings, usually one on each line.</param>
    /// <returns>The readings; producing them waits until Kafka has acknowledged all.</returns>
    /// <exception cref="ApiException">No reading was stored.</exception>
    public async Task<CheckedRequest<AcceptedBody>> CheckAsync(
        ReadOnlyMemory<byte> body, bool areLines, Sender sender, CancellationToken cancellationToken)
    {
        SendScopes.RequireSource(sender, SendScopes.Readings);
        var items = JsonItems.Split(body.Span, areLines, MaxItems);
        var keys = Validate(body.Span, items);
        if (sender.IsLimitedToSensors)
        {
            await scopes.RequireSensorsAsync(
                sender, keys.Select(key => SendScopes.SensorOf(key)).ToHashSet(), cancellationToken);
        }

        if (producer.IsHolding || Waiting > MaxWaiting)
        {
            throw new ApiException(
                StatusCodes.Status429TooManyRequests,
                "The windows do not keep up with the readings. No reading was stored; repeat the request later.")
            {
                RetryAfter = RetryAfter,
            };
        }

        return new(new(items.Count), () => MessagesOf(body, items, keys), () => ProduceAsync(body, items, keys));
    }

    private IEnumerable<IngestMessage> MessagesOf(ReadOnlyMemory<byte> body, List<Range> items, byte[][] keys) =>
        items.Select((item, i) => new IngestMessage(kafka.Value.Topic, keys[i], body.Span[item].ToArray(), []));

    /// <exception cref="ApiException">Some readings may be stored; the detail states how many.</exception>
    private async Task ProduceAsync(ReadOnlyMemory<byte> body, List<Range> items, byte[][] keys)
    {
        await ConnectedAsync(items.Count);
        Interlocked.Add(ref _waiting, items.Count);
        var sent = new Task[items.Count];
        for (var i = 0; i < sent.Length; i++)
        {
            sent[i] = producer.PublishAsync(keys[i], body.Span[items[i]]);
        }

        await AcknowledgedAsync(sent);
    }

    /// <returns>The key of each reading.</returns>
    private byte[][] Validate(ReadOnlySpan<byte> body, List<Range> items)
    {
        if (items.Count == 0)
        {
            throw ApiQuery.Bad("The list of readings is empty; send at least one.");
        }

        var (keys, sensor, values) = (new byte[items.Count][], new MessageSensor(), new MessageValues());
        var problems = new List<ItemProblem>();
        var (invalid, now) = (0, EpochTime.Now(clock));
        for (var i = 0; i < keys.Length; i++)
        {
            var item = body[items[i]];
            var reason = _rules.Parse(item, now, sensor, values, out var reading);
            keys[i] = sensor.KeyOf(reading.SensorId);
            if (reason != RejectReason.None && invalid++ < MaxProblems)
            {
                problems.Add(new(i, reason.ToToken(), $"{_rules.Explain(item, now, reason)}."));
            }
        }

        if (invalid == 0)
        {
            return keys;
        }

        var first = $"item {problems[0].Index}: {problems[0].Detail}";
        throw new ApiException(
            StatusCodes.Status400BadRequest,
            items.Count == 1 ? $"The reading is invalid: {problems[0].Detail} It was not stored."
            : invalid == 1 ? $"1 of {items.Count} items is invalid, {first} No reading was stored."
            : $"{invalid} of {items.Count} items are invalid, first {first} No reading was stored.")
        {
            Items = problems,
        };
    }

    /// <summary>
    /// Waits for the connection before the first reading is sent. Kafka then receives the readings of a sensor in the order of the
    /// request; readings out of order can miss their window.
    /// </summary>
    private async Task ConnectedAsync(int count)
    {
        try
        {
            await producer.ConnectAsync().WaitAsync(AcknowledgementTimeout, clock);
        }
        catch (Exception e) when (e is ReadingNotPublishedException or TimeoutException)
        {
            throw NotAcknowledged(0, count, e);
        }
    }

    private static ApiException NotAcknowledged(int acknowledged, int count, Exception e)
    {
        var reason = e is TimeoutException
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Kafka did not acknowledge the rest within {AcknowledgementTimeout.TotalSeconds} s; they may still be stored")
            : e.Message.TrimEnd('.');
        return new(StatusCodes.Status503ServiceUnavailable, $"{acknowledged} of {count} readings are stored: {reason}.")
        {
            RetryAfter = RetryAfter,
        };
    }

    private async Task AcknowledgedAsync(Task[] sent)
    {
        try
        {
            await Task.WhenAll(sent).WaitAsync(AcknowledgementTimeout, clock);
        }
        catch (Exception e) when (e is ReadingNotPublishedException or TimeoutException)
        {
            throw NotAcknowledged(sent.Count(task => task.IsCompletedSuccessfully), sent.Length, e);
        }
        finally
        {
            // After a timeout the readings still wait for Kafka, so each counts until its own task ends.
            foreach (var task in sent)
            {
                _ = task.ContinueWith(
                    _ => Interlocked.Decrement(ref _waiting),
                    CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default);
            }
        }
    }
}

/// <param name="Accepted">Number of readings that Kafka acknowledged.</param>
internal sealed record AcceptedBody(int Accepted);
