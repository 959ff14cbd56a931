using System.Reflection;
using Confluent.Kafka;

namespace Orleans.Streaming.Kafka.Tests.Receiving;

/// <summary>A consumer that fails on request, as one with a defect does.</summary>
public class FailingConsumer : DispatchProxy
{
    private IConsumer<byte[]?, byte[]?>? _inner;

    internal Exception? Failure { get; set; }

    internal IConsumer<byte[]?, byte[]?> Consumer => (IConsumer<byte[]?, byte[]?>)(object)this;

    internal static FailingConsumer Around(IConsumer<byte[]?, byte[]?> inner)
    {
        var proxy = (FailingConsumer)(object)Create<IConsumer<byte[]?, byte[]?>, FailingConsumer>();
        proxy._inner = inner;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        Failure is { } failure && targetMethod!.Name == nameof(Consumer.Consume)
            ? throw failure
            : targetMethod!.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
}
