using Confluent.Kafka;

namespace GrainSensors.Ingest.Kafka;

/// <summary>Kafka cannot be reached, or refuses what the pipeline needs. The text names the servers and the cause, never a secret.</summary>
public sealed class KafkaUnavailableException : Exception
{
    public KafkaUnavailableException()
    {
    }

    public KafkaUnavailableException(string message)
        : base(message)
    {
    }

    public KafkaUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Tells the client's own exceptions in a sentence.</summary>
    internal static T Guard<T>(KafkaOptions options, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (From(options, e) is { } told)
        {
            throw told;
        }
    }

    /// <summary>Tells the client's own exceptions in a sentence.</summary>
    internal static async Task<T> GuardAsync<T>(KafkaOptions options, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (From(options, e) is { } told)
        {
            throw told;
        }
    }

    /// <inheritdoc cref="GuardAsync{T}"/>
    internal static Task GuardAsync(KafkaOptions options, Func<Task> call) => GuardAsync(options, async () =>
    {
        await call();
        return true;
    });

    /// <returns>Null: the exception is not the client's.</returns>
    private static KafkaUnavailableException? From(KafkaOptions options, Exception e)
    {
        var text = e switch
        {
            KafkaException kafka => $"Kafka at \"{options.BootstrapServers}\" cannot be used: {kafka.Error.Reason}; check the address and that the broker runs.",

            // A property of the client that librdkafka does not know, or a value that it refuses.
            InvalidOperationException { Source: "Confluent.Kafka" } => $"The Kafka client cannot be configured: {e.Message}; check {KafkaOptions.Section}.",
            _ => null,
        };
        if (text is null)
        {
            return null;
        }

        // Whoever logs an exception logs the one inside too.
        var secrets = new KafkaSecrets(options);
        return secrets.AreIn(e.ToString()) ? new(secrets.Redact(text)) : new(text, e);
    }
}
