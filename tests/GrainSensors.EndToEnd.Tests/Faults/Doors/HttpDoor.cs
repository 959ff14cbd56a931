using System.Net;

namespace GrainSensors.EndToEnd.Tests.Faults.Doors;

/// <summary>A client of the HTTP API that repeats what no silo has acknowledged, as clients do.</summary>
/// <param name="path">And query of the requests.</param>
/// <param name="pages">The addresses of silos, which may be dead.</param>
internal abstract class HttpDoor(string topic, int readingsOfMessage, string path, Func<IReadOnlyList<string>> pages)
    : Door(topic, readingsOfMessage)
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private int _next;

    /// <summary>Requests that were repeated.</summary>
    public int Repeated { get; private set; }

    protected virtual string MediaType => "application/json";

    /// <summary>Messages of one request each, unless it takes several.</summary>
    public override async Task SendAsync(IReadOnlyList<byte[]> messages, CancellationToken cancellationToken)
    {
        foreach (var message in messages)
        {
            await PostAsync(message, cancellationToken);
        }
    }

    protected async Task PostAsync(byte[] body, CancellationToken cancellationToken)
    {
        using var pause = new PeriodicTimer(Pause);
        while (!await IsAcceptedAsync(body, cancellationToken))
        {
            await pause.WaitForNextTickAsync(cancellationToken);
        }
    }

    private async Task<bool> IsAcceptedAsync(byte[] body, CancellationToken cancellationToken)
    {
        if (pages() is not { Count: > 0 } known)
        {
            return false;
        }

        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new(MediaType);
        try
        {
            var address = new Uri($"{known[_next++ % known.Count]}{path}");
            using var answer = await Http.PostAsync(address, content, cancellationToken);
            if (answer.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests))
            {
                Assert.True(answer.IsSuccessStatusCode, $"{answer}\n{await answer.Content.ReadAsStringAsync(cancellationToken)}");
            }

            Repeated += answer.IsSuccessStatusCode ? 0 : 1;
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            Repeated++;
            return false;
        }
    }
}
