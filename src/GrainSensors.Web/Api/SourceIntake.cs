using System.Text;
using Confluent.Kafka;
using GrainSensors.Contracts.Sensors;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Producing;
using GrainSensors.Sources;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Results;
using GrainSensors.Sources.Schemas;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Api;

/// <summary>Produces payloads of devices and gateways to the topics of their sources, as they came.</summary>
internal sealed class SourceIntake(
    SourceTopics sources, SourceSchemas schemas, SourceProducers producers, TimeProvider clock)
{
    /// <summary>The largest payload, in bytes: what Kafka's clients send by default, less the rest of a message.</summary>
    public const int MaxBytes = 960 * 1024;

    private const int RetryAfter = 1;
    private static readonly TimeSpan AcknowledgementTimeout = TimeSpan.FromSeconds(15);

    /// <param name="name">The name of the source.</param>
    /// <param name="key">The key of the message in Kafka; null: none.</param>
    /// <param name="topic">The topic that the device published to; null: none.</param>
    /// <returns>What the mapping of the source makes of the payload, which Kafka has acknowledged.</returns>
    /// <exception cref="ApiException">The payload was not stored; with 503 it may be.</exception>
    public async Task<MappedBody> AcceptAsync(string name, ReadOnlyMemory<byte> payload, string? key, string? topic)
    {
        var source = sources.All.FirstOrDefault(source => source.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ApiException(StatusCodes.Status404NotFound, $"There is no source \"{ApiQuery.Quote(name)}\"; {Known}.");
        var target = new SourceTopics([source]).Names is [var first, ..]
            ? first
            : throw new ApiException(
                StatusCodes.Status409Conflict,
                $"The source \"{source.Name}\" has patterns of topics only; add a topic by name to its Topics.");
        if (payload.Length > MaxBytes)
        {
            throw new ApiException(
                StatusCodes.Status413PayloadTooLarge, $"The payload must have at most {MaxBytes} bytes; got {payload.Length}.");
        }

        var reader = new SourceReader(source, schemas);
        await FetchSchemaAsync(reader, payload);
        var producer = producers.Of(target);
        if (producer.IsHolding)
        {
            throw new ApiException(
                StatusCodes.Status429TooManyRequests,
                "The windows do not keep up with the readings. The payload was not stored; repeat the request later.")
            {
                RetryAfter = RetryAfter,
            };
        }

        var headers = topic is null
            ? new Headers()
            : new Headers { { SourceMessage.MqttTopicHeader, Encoding.UTF8.GetBytes(topic) } };
        var bytes = key is null ? null : Encoding.UTF8.GetBytes(key);
        try
        {
            await producer.PublishAsync(bytes, payload.Span, headers).WaitAsync(AcknowledgementTimeout, clock);
        }
        catch (Exception e) when (e is ReadingNotPublishedException or TimeoutException)
        {
            var reason = e is TimeoutException
                ? "Kafka did not acknowledge the payload in time; it may still be stored"
                : e.Message.TrimEnd('.');
            throw new ApiException(StatusCodes.Status503ServiceUnavailable, $"{reason}.")
            {
                RetryAfter = RetryAfter,
            };
        }

        return Map(reader, payload.Span, bytes, topic ?? target);
    }

    private string Known => sources.All.Count == 0
        ? "Sources of the configuration is empty"
        : $"there are {string.Join(", ", sources.All.Select(source => source.Name))}";

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

    private MappedBody Map(SourceReader reader, ReadOnlySpan<byte> payload, byte[]? key, string topic)
    {
        var summary = new Summary();
        var message = new SourceMessage(payload)
        {
            Key = key,
            Topic = Encoding.UTF8.GetBytes(topic),
            Timestamp = EpochTime.Now(clock),
        };
        if (!reader.TryRead(in message, summary, out _))
        {
            summary.Reject(
                IReadingSink.WholeMessage, SourceRejectReason.NoSchema, "the schema of the payload left the cache; it is read again later");
        }

        return new(summary.Readings, summary.Rejected, summary.Problems);
    }

    private sealed class Summary : IReadingSink
    {
        /// <summary>Rejections that an answer lists; enough to find the error in a mapping.</summary>
        private const int MaxProblems = 100;

        public int Readings { get; private set; }

        public int Rejected { get; private set; }

        public List<ItemProblem> Problems { get; } = [];

        public void Reading(int index, ReadOnlySpan<byte> sensor, long micros) => Readings++;

        public void Value(ReadOnlySpan<byte> name, double value)
        {
        }

        public void Null(ReadOnlySpan<byte> name)
        {
        }

        public void Reject(int index, SourceRejectReason reason, string detail)
        {
            if (Rejected++ < MaxProblems)
            {
                Problems.Add(new(Math.Max(0, index), reason.ToToken(), $"{detail}."));
            }
        }
    }
}

/// <summary>What the mapping of a source makes of a payload.</summary>
/// <param name="Readings">Number of readings. Ranges, retention and limits of names are not checked here.</param>
/// <param name="Rejected">Number of rejected readings; 1 if the whole payload is rejected.</param>
/// <param name="Problems">The first rejections.</param>
internal sealed record MappedBody(int Readings, int Rejected, IReadOnlyList<ItemProblem> Problems);
