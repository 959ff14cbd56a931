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

    /// <summary>The option that names the missing topic; null for other causes.</summary>
    public string? MissingTopicOption { get; init; }

    internal static KafkaUnavailableException OfMissingTopic(KafkaOptions options, string topic, string option) =>
        new($"Kafka at \"{options.BootstrapServers}\" has no topic \"{topic}\".") { MissingTopicOption = option };

    /// <summary>A property of the client that librdkafka does not know, or a value that it refuses.</summary>
    internal static KafkaUnavailableException OfConfiguration(KafkaOptions options, Exception e) =>
        Told(options, $"The Kafka client cannot be configured: {e.Message.TrimEnd('.')}; check {KafkaOptions.Section}.", e);

    /// <returns>Null: the exception is not the client's.</returns>
    private static KafkaUnavailableException? From(KafkaOptions options, Exception e) => e is KafkaException kafka
        ? Told(options, $"Kafka at \"{options.BootstrapServers}\" cannot be used: {kafka.Error.Reason}; check the address and that the broker runs.", e)
        : null;

    private static KafkaUnavailableException Told(KafkaOptions options, string text, Exception e)
    {
        // Whoever logs an exception logs the one inside too.
        var secrets = new KafkaSecrets(options);
        return secrets.AreIn(e.ToString()) ? new(secrets.Redact(text)) : new(text, e);
    }
}
