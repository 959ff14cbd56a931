using Confluent.Kafka;
using Orleans.Streaming.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Kafka;

/// <summary>
/// Kafka does not answer, or refuses a request of the pipeline. The text names the servers and the cause, never a secret.
/// </summary>
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

    /// <summary>Converts exceptions of the Kafka client.</summary>
    internal static T Guard<T>(KafkaOptions options, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (From(options, e) is { } converted)
        {
            throw converted;
        }
    }

    /// <summary>Converts exceptions of the Kafka client.</summary>
    internal static async Task<T> GuardAsync<T>(KafkaOptions options, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (From(options, e) is { } converted)
        {
            throw converted;
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

    /// <summary>The client does not know a property, or refuses its value.</summary>
    internal static KafkaUnavailableException OfConfiguration(KafkaOptions options, Exception e) =>
        Create(options, $"The Kafka client cannot be configured: {e.Message.TrimEnd('.')}; check {KafkaOptions.Section}.", e);

    /// <returns>Null for an exception from elsewhere.</returns>
    private static KafkaUnavailableException? From(KafkaOptions options, Exception e) => e is KafkaException kafka
        ? Create(
            options,
            $"Kafka at \"{options.BootstrapServers}\" cannot be used: {kafka.Error.Reason.TrimEnd('.')}; "
            + $"{Cure(options, kafka.Error.Code)}.",
            e)
        : null;

    /// <summary>The client reports a refused password or certificate as a broken connection.</summary>
    private static string Cure(KafkaOptions options, ErrorCode code) => KafkaPermissions.Of(code) is { } permission
        ? $"give the user {permission}"
        : string.IsNullOrEmpty(options.SecurityProtocol)
        ? "check the address and that the broker runs"
        : "check the address, that the broker runs, and "
            + $"{nameof(options.SecurityProtocol)}, {nameof(options.CaLocation)}, {nameof(options.SaslUsername)} and "
            + $"{nameof(options.SaslPassword)} in {KafkaOptions.Section}";

    private static KafkaUnavailableException Create(KafkaOptions options, string text, Exception e)
    {
        // A log of the exception would include the inner exception with its secrets.
        var secrets = new KafkaSecrets(options);
        return secrets.AreIn(e.ToString()) ? new(secrets.Redact(text)) : new(text, e);
    }
}
