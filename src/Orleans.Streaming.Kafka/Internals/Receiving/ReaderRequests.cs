using System.Collections.Concurrent;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>Requests to the reading thread, which alone uses the consumer.</summary>
internal sealed class ReaderRequests
{
    private readonly ConcurrentQueue<Action> _requests = [];

    public void Enqueue(Action request) => _requests.Enqueue(request);

    /// <summary>Runs all requests on the reading thread.</summary>
    public void RunAll()
    {
        while (_requests.TryDequeue(out var request))
        {
            request();
        }
    }

    /// <returns>The result of the request.</returns>
    public Task<T> ExecuteAsync<T>(Func<T> request)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(() =>
        {
            try
            {
                answer.SetResult(request());
            }
            catch (Exception e)
            {
                // The thread continues for the other partitions.
                answer.SetException(e);
            }
        });
        return answer.Task;
    }
}
