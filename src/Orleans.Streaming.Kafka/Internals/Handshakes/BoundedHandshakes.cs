using Orleans.CodeGeneration;
using Orleans.Serialization.Invocation;

namespace Orleans.Streaming.Kafka.Internals.Handshakes;

/// <summary>
/// Makes the calls of stream subscribers, and ends a first handshake that takes long or fails. The agent then delivers from the first
/// message on, and a subscriber that wants another position answers with it at its first delivery, as one that was deactivated does.
/// </summary>
internal sealed class BoundedHandshakes(
    IGrainReferenceRuntime calls, IGrainContextAccessor caller, FirstHandshakes first, TimeProvider clock) : IGrainReferenceRuntime
{
    /// <summary>How long a new stream may delay the others of its partition: much longer than the activation of a grain takes.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(250);

    private const string Handshake = "GetSequenceToken";

    public ValueTask<T?> InvokeMethodAsync<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options) =>
        request.GetMethodName() == Handshake && first.TryTake(caller.GrainContext.GrainId)
            ? CallAsync<T>(reference, request, options)
            : calls.InvokeMethodAsync<T>(reference, request, options);

    public ValueTask InvokeMethodAsync(GrainReference reference, IInvokable request, InvokeMethodOptions options) =>
        calls.InvokeMethodAsync(reference, request, options);

    public void InvokeMethod(GrainReference reference, IInvokable request, InvokeMethodOptions options) =>
        calls.InvokeMethod(reference, request, options);

    public object Cast(IAddressable grain, Type interfaceType) => calls.Cast(grain, interfaceType);

    /// <returns>The position of the subscriber; null if it has none, or does not answer in time.</returns>
    private async ValueTask<T?> CallAsync<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        var answer = calls.InvokeMethodAsync<T>(reference, request, options).AsTask();
        try
        {
            return await answer.WaitAsync(Limit, clock);
        }
        catch (Exception e) when (e is not ClientNotAvailableException)
        {
            // The first delivery fails for the same reason, and the agent retries it while other streams continue.
            answer.Ignore();
            return default;
        }
    }
}
