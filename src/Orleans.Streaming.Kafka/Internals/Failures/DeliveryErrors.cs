using Microsoft.Extensions.Logging;

namespace Orleans.Streaming.Kafka.Internals.Failures;

/// <summary>
/// What a subscriber has thrown. Orleans tells a provider that a delivery has failed, but not why; it logs the exception just
/// before, on the same thread, and that is where it is taken from.
/// </summary>
[ProviderAlias("KafkaStreamDeliveryErrors")]
internal sealed class DeliveryErrors : ILoggerProvider, ILogger
{
    /// <summary>The category of the pulling agents.</summary>
    public const string Category = "Orleans.Streams";

    [ThreadStatic]
    private static Exception? last;

    /// <returns>The last one of this thread; null: it is not known.</returns>
    public static Exception? TakeLast()
    {
        var error = last;
        last = null;
        return error;
    }

    public ILogger CreateLogger(string categoryName) =>
        categoryName.StartsWith(Category, StringComparison.Ordinal) ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
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
