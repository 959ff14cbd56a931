using System.Globalization;
using System.Text;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using GrainSensors.Ingest.Producing.Once;
using GrainSensors.Sources;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Results;
using GrainSensors.Sources.Schemas;
using GrainSensors.Web.Access;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Api;

/// <summary>Produces payloads of devices and gateways to the topics of their sources, as they came.</summary>
internal sealed class SourceIntake(
    SourceTopics sources, PayloadProducer producer, SourceReaders readers, SendScopes scopes, TimeProvider clock)
{
    /// <summary>The largest payload, in bytes: what Kafka's clients send by default, less the rest of a message.</summary>
    public const int MaxBytes = 960 * 1024;

    /// <summary>Bytes of the payloads of all requests that may wait for Kafka: half of what its client takes.</summary>
    private const long MaxWaiting = 64 * 1024 * 1024;

    /// <summary>Bytes of a payload that waits besides its own, so that small ones do not fill Kafka's client either.</summary>
    private const int Overhead = 1024;

    private const int RetryAfter = 1;
    private static readonly TimeSpan AcknowledgementTimeout = TimeSpan.FromSeconds(15);
    private long _waiting;

    /// <summary>Bytes of payloads that wait for Kafka, also those of requests that were answered with 503.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    /// <returns>The source of the name; null: there is none.</returns>
    public SourceOptions? Find(string name) =>
        sources.All.FirstOrDefault(source => source.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <returns>What the mapping of the source makes of the payload.</returns>
    /// <exception cref="ApiException">The sender may not send it, or the schema registry does not answer.</exception>
    public async Task<MappedSummary> MapAsync(
        SourceOptions source, SourcePayload payload, Sender sender, CancellationToken cancellationToken)
    {
        SendScopes.RequireSource(sender, source.Name);
        var mapped = await ReadAsync(source, payload, sender);
        if (sender.IsLimitedToSensors && mapped.Refusal == SourceRejectReason.NoSchema)
        {
            // Another silo may have the schema, or get it later, and would find readings.
            throw SendScopes.Unreadable(sender, mapped.Body.Problems[0].Detail);
        }

        await scopes.RequireSensorsAsync(sender, mapped.Sensors, cancellationToken);
        return mapped;
    }

    private async Task<MappedSummary> ReadAsync(SourceOptions source, SourcePayload payload, Sender sender)
    {
        var pool = readers.Of(source);
        var reader = pool.Get();
        try
        {
            await FetchSchemaAsync(reader, payload.Bytes);
            return Map(reader, source, payload, sender);
        }
        finally
        {
            pool.Return(reader);
        }
    }

    /// <exception cref="ApiException">The source has no topic by name, or the payload is too large.</exception>
    public static IngestMessage MessageOf(SourceOptions source, SourcePayload payload) => payload.Bytes.Length > MaxBytes
        ? throw new ApiException(
            StatusCodes.Status413PayloadTooLarge, $"The payload must have at most {MaxBytes} bytes; got {payload.Bytes.Length}.")
        : new(TopicOf(source), payload.Key, payload.Bytes, payload.Headers);

    /// <summary>Waits until Kafka has acknowledged the payload.</summary>
    /// <exception cref="ApiException">The payload was not stored; with 503 it may be.</exception>
    public async Task ProduceAsync(SourceOptions source, SourcePayload payload)
    {
        var (topic, length) = (MessageOf(source, payload).Topic, payload.Bytes.Length);
        if (producer.IsHolding(topic))
        {
            throw Busy("The windows do not keep up with the readings.");
        }

        if (Interlocked.Add(ref _waiting, length + Overhead) > MaxWaiting)
        {
            Interlocked.Add(ref _waiting, -(length + Overhead));
            throw Busy("Too many payloads wait for Kafka.");
        }

        using var timeout = new CancellationTokenSource(AcknowledgementTimeout, clock);
        try
        {
            await DeliverAsync(topic, payload, timeout.Token).WaitAsync(timeout.Token);
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
    }

    /// <summary>The names of the sources, for messages.</summary>
    public string Known => sources.All.Count == 0
        ? "Sources of the configuration is empty"
        : $"there are {string.Join(", ", sources.All.Select(source => source.Name))}";

    /// <summary>
    /// Delivers a payload that counts among those that wait. After a timeout of the request it still waits in Kafka's client, and counts
    /// until that gives it up.
    /// </summary>
    private async Task DeliverAsync(string topic, SourcePayload payload, CancellationToken cancellationToken)
    {
        try
        {
            await producer.ProduceAsync(topic, payload.Key, payload.Bytes, payload.Headers, cancellationToken);
        }
        finally
        {
            Interlocked.Add(ref _waiting, -(payload.Bytes.Length + Overhead));
        }
    }

    /// <exception cref="ApiException">The schema registry does not answer.</exception>
    private static async Task FetchSchemaAsync(SourceReader reader, ReadOnlyMemory<byte> payload)
    {
        if (!reader.AwaitsSchema(payload.Span, out var schemaId))
        {
            return;
        }

        try
        {
            await reader.FetchSchemasAsync([schemaId], CancellationToken.None);
        }
        catch (SchemasUnavailableException e)
        {
            throw new ApiException(
                StatusCodes.Status503ServiceUnavailable, $"{e.Message} The payload was not stored; repeat the request later.")
            {
                RetryAfter = RetryAfter,
            };
        }
    }

    /// <summary>The names of the sources of a format, for messages.</summary>
    public string KnownOf(SourceFormat format) =>
        sources.All.Where(source => SourceReader.FormatOf(source) == format).Select(source => source.Name).ToList() is { Count: > 0 } names
            ? $"there are {string.Join(", ", names)}"
            : "Sources of the configuration has none";

    private MappedSummary Map(SourceReader reader, SourceOptions source, SourcePayload payload, Sender sender)
    {
        var summary = new MappedSummary(sender.IsLimitedToSensors);
        var message = new SourceMessage(payload.Bytes)
        {
            Key = payload.Key,
            Topic = Encoding.UTF8.GetBytes(TopicOf(source)),
            Timestamp = EpochTime.Now(clock),
            Headers = payload,
        };
        if (!reader.TryRead(in message, summary, out _))
        {
            summary.Reject(
                IReadingSink.WholeMessage, SourceRejectReason.NoSchema, "the schema of the payload left the cache; it is read again later");
        }

        return summary;
    }

    private static string TopicOf(SourceOptions source) => new SourceTopics([source]).Names is [var first, ..]
        ? first
        : throw new ApiException(
            StatusCodes.Status409Conflict,
            $"The source \"{source.Name}\" has patterns of topics only; add a topic by name to its Topics.");

    private static ApiException Busy(string why) => new(
        StatusCodes.Status429TooManyRequests, $"{why} The payload was not stored; repeat the request later.")
    {
        RetryAfter = RetryAfter,
    };

    private static ApiException Unavailable(string detail) =>
        new(StatusCodes.Status503ServiceUnavailable, detail) { RetryAfter = RetryAfter };
}
