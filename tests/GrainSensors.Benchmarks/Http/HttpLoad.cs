using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace GrainSensors.Benchmarks.Http;

/// <summary>Requests with bodies, over connections that stay open.</summary>
internal sealed class HttpLoad : IDisposable
{
    /// <summary>Before a client repeats what the silo has refused.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly Uri _address;
    private readonly MediaTypeHeaderValue _mediaType;
    private readonly IReadOnlyList<byte[]> _bodies;
    private int _next;

    public HttpLoad(Uri page, HttpDoor door, IReadOnlyList<byte[]> bodies) =>
        (_address, _mediaType, _bodies) = (new(page, door.Path), new(door.MediaType), bodies);

    /// <param name="Seconds">From the first request to the last answer.</param>
    /// <param name="Micros">Time to the answer of each accepted request.</param>
    /// <param name="Refused">Requests that were answered with 429 or 503.</param>
    public sealed record Result(double Seconds, List<long> Micros, int Refused);

    /// <summary>Each connection sends the next request when the last one is answered, and repeats what is refused.</summary>
    public async Task<Result> SendAsync(int connections, TimeSpan time, CancellationToken cancellationToken)
    {
        var (micros, refused, started) = (new ConcurrentQueue<long>(), 0, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(
            async () =>
            {
                while (Stopwatch.GetElapsedTime(started) < time)
                {
                    var begun = Stopwatch.GetTimestamp();
                    if (await IsAcceptedAsync(cancellationToken))
                    {
                        micros.Enqueue((long)Stopwatch.GetElapsedTime(begun).TotalMicroseconds);
                    }
                    else
                    {
                        Interlocked.Increment(ref refused);

                        // As a client does that was told to come later.
                        await Task.Delay(Pause, cancellationToken);
                    }
                }
            },
            cancellationToken)));
        return new(Stopwatch.GetElapsedTime(started).TotalSeconds, [.. micros], refused);
    }

    /// <summary>
    /// Sends requests at their times, whether or not earlier ones are answered. A time to the answer begins when the request was due, so
    /// that a silo that is held up makes all later ones late.
    /// </summary>
    public async Task<Result> SendAtAsync(double requestsPerSecond, TimeSpan time, CancellationToken cancellationToken)
    {
        var (micros, refused, started) = (new ConcurrentQueue<long>(), 0, Stopwatch.GetTimestamp());
        var sent = new List<Task>();
        for (var due = TimeSpan.Zero; due < time; due += TimeSpan.FromSeconds(1 / requestsPerSecond))
        {
            if (due - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } early)
            {
                // Keeps the rate.
                await Task.Delay(early, cancellationToken);
            }

            var at = due;
            sent.Add(Task.Run(
                async () =>
                {
                    if (await IsAcceptedAsync(cancellationToken))
                    {
                        micros.Enqueue((long)(Stopwatch.GetElapsedTime(started) - at).TotalMicroseconds);
                    }
                    else
                    {
                        Interlocked.Increment(ref refused);
                    }
                },
                cancellationToken));
        }

        await Task.WhenAll(sent);
        return new(Stopwatch.GetElapsedTime(started).TotalSeconds, [.. micros], refused);
    }

    public void Dispose() => _http.Dispose();

    /// <exception cref="InvalidOperationException">The silo does not understand the request.</exception>
    private async Task<bool> IsAcceptedAsync(CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(_bodies[(int)((uint)Interlocked.Increment(ref _next) % _bodies.Count)]);
        content.Headers.ContentType = _mediaType;
        using var answer = await _http.PostAsync(_address, content, cancellationToken);
        return answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable ? false
            : answer.IsSuccessStatusCode ? true
            : throw new InvalidOperationException($"{answer}\n{await answer.Content.ReadAsStringAsync(cancellationToken)}");
    }
}
