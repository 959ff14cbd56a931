using Microsoft.Extensions.Logging;

namespace Orleans.Streaming.Kafka.Internals.Failures;

/// <summary>
/// Finds the text for a dead letter. Orleans reports a failed delivery to the provider without its exception, but logs the exception
/// immediately before, on the same thread. This logger takes it from there. An application may log in another way; then the text is
/// missing. Nothing else depends on it.
/// </summary>
[ProviderAlias("KafkaStreamDeliveryErrors")]
internal sealed class DeliveryErrors : ILoggerProvider, ILogger
{
    /// <summary>The log category of the pulling agents.</summary>
    public const string Category = "Orleans.Streams";

    [ThreadStatic]
    private static Exception? last;

    /// <returns>The last exception of this thread; null if it is unknown.</returns>
    public static Exception? TakeLast()
    {
        var error = last;
        last = null;
        return error;
    }

    public ILogger CreateLogger(string categoryName) => categoryName.StartsWith(Category, StringComparison.Ordinal)
        ? this
        : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (exception is not null)
        {
            last = exception;
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Dispose()
    {
    }
}
