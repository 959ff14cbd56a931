using System.Globalization;
using System.Text;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using GrainSensors.Sources;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Messages;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Api;

/// <summary>Produces payloads of devices and gateways to the topics of their sources, as they came.</summary>
internal sealed class SourceIntake(SourceTopics sources, PayloadProducer producer, SourceReaders readers, TimeProvider clock)
{
    /// <summary>The largest payload, in bytes: what Kafka's clients send by default, less the rest of a message.</summary>
    public const int MaxBytes = 960 * 1024;

    /// <summary>Bytes of the payloads of all requests that may wait for Kafka.</summary>
    private const long MaxWaiting = 64 * 1024 * 1024;

    private const int RetryAfter = 1;
    private static readonly TimeSpan AcknowledgementTimeout = TimeSpan.FromSeconds(15);
    private long _waiting;

    /// <returns>The source of the name; null: there is none.</returns>
    public SourceOptions? Find(string name) =>
        sources.All.FirstOrDefault(source => source.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <returns>What the mapping of the source makes of the payload.</returns>
    public MappedSummary Map(SourceOptions source, SourcePayload payload)
    {
        var summary = new MappedSummary();
        var message = new SourceMessage(payload.Bytes)
        {
            Key = payload.Key,
            Topic = Encoding.UTF8.GetBytes(TopicOf(source)),
            Timestamp = EpochTime.Now(clock),
            Headers = payload,
        };
        var pool = readers.Of(source);
        var reader = pool.Get();
        reader.Read(in message, summary);
        pool.Return(reader);
        return summary;
    }

    /// <summary>Waits until Kafka has acknowledged the payload.</summary>
    /// <exception cref="ApiException">The payload was not stored; with 503 it may be.</exception>
    public async Task ProduceAsync(SourceOptions source, SourcePayload payload)
    {
        var (topic, length) = (TopicOf(source), payload.Bytes.Length);
        if (length > MaxBytes)
        {
            throw new ApiException(
                StatusCodes.Status413PayloadTooLarge, $"The payload must have at most {MaxBytes} bytes; got {length}.");
        }

        if (producer.IsHolding(topic) || Interlocked.Read(ref _waiting) + length > MaxWaiting)
        {
            throw new ApiException(
                StatusCodes.Status429TooManyRequests,
                "The windows do not keep up with the readings. The payload was not stored; repeat the request later.")
            {
                RetryAfter = RetryAfter,
            };
        }

        Interlocked.Add(ref _waiting, length);
        try
        {
            using var timeout = new CancellationTokenSource(AcknowledgementTimeout, clock);
            await producer.ProduceAsync(topic, payload.Key, payload.Bytes, payload.Headers, timeout.Token).WaitAsync(timeout.Token);
        }
        catch (PayloadTooLargeException e)
        {
            throw new ApiException(StatusCodes.Status413PayloadTooLarge, $"{e.Message} It was not stored; send smaller ones.");
        }
        catch (OperationCanceledException)
        {
            throw Unavailable(string.Create(
                CultureInfo.InvariantCulture,
                $"Kafka did not acknowledge the payload within {AcknowledgementTimeout.TotalSeconds} s; it may still be stored."));
        }
        catch (KafkaUnavailableException e)
        {
            throw Unavailable(e.Message);
        }
        finally
        {
            Interlocked.Add(ref _waiting, -length);
        }
    }

    /// <summary>The names of the sources, for messages.</summary>
    public string Known => sources.All.Count == 0
        ? "Sources of the configuration is empty"
        : $"there are {string.Join(", ", sources.All.Select(source => source.Name))}";

    /// <summary>The names of the sources of a format, for messages.</summary>
    public string KnownOf(SourceFormat format) =>
        sources.All.Where(source => SourceReader.FormatOf(source) == format).Select(source => source.Name).ToList() is { Count: > 0 } names
            ? $"there are {string.Join(", ", names)}"
            : "Sources of the configuration has none";

    private static string TopicOf(SourceOptions source) => new SourceTopics([source]).Names is [var first, ..]
        ? first
        : throw new ApiException(
            StatusCodes.Status409Conflict,
            $"The source \"{source.Name}\" has patterns of topics only; add a topic by name to its Topics.");

    private static ApiException Unavailable(string detail) =>
        new(StatusCodes.Status503ServiceUnavailable, detail) { RetryAfter = RetryAfter };
}
