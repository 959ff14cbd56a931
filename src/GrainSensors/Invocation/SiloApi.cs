using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using GrainSensors.Core.Text;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;

namespace GrainSensors.Invocation;

/// <summary>The API of a running silo.</summary>
internal sealed class SiloApi : IDisposable
{
    /// <summary>The environment variable with the access key.</summary>
    public const string KeyVariable = "GRAINSENSORS_KEY";

    /// <summary>Longer than the test of a contact point lasts.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout };

    /// <param name="url">Null: the address of the configuration, on this machine.</param>
    /// <exception cref="UsageException">The address is invalid.</exception>
    public SiloApi(string? url)
    {
        var address = url ?? DefaultUrl();
        if (!Uri.TryCreate($"{address.TrimEnd('/')}/api/v1/", UriKind.Absolute, out var root) || root.Scheme is not ("http" or "https"))
        {
            throw new UsageException($"--url must be an address such as http://localhost:8080; got \"{PrintableText.Escape(address)}\".");
        }

        _http.BaseAddress = root;
        if (HasKey)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key!.Trim());
        }
    }

    /// <summary>Whether requests have an access key.</summary>
    public static bool HasKey => !string.IsNullOrWhiteSpace(Key);

    private static string? Key => Environment.GetEnvironmentVariable(KeyVariable);

    public static Option<string?> UrlOption() => new("--url")
    {
        HelpName = "URL",
        Description = "Address of the console [default: that of the configuration, on this machine]",
    };

    /// <param name="version">The version that the request changes; null: the latest one.</param>
    /// <returns>The body of the answer; undefined if there is none.</returns>
    /// <exception cref="UsageException">The silo is unavailable, or refuses the request.</exception>
    public async Task<JsonElement> SendAsync(
        HttpMethod method, string path, CancellationToken cancellationToken, object? body = null, int? version = null)
    {
        var (status, text) = await ExchangeAsync(method, path, body, version, cancellationToken);
        return (int)status is >= 200 and < 300 ? Parse(text) : throw new UsageException(Refusal(status, text));
    }

    /// <summary>Puts the documents of a file, and reports each.</summary>
    /// <param name="what">What they are, such as <c>rule</c>.</param>
    /// <param name="collection">The path above them.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="UsageException">The silo is unavailable, or refuses the caller.</exception>
    public async Task<int> PutAllAsync(
        string what, string collection, IEnumerable<(string Name, object Body)> documents, CancellationToken cancellationToken)
    {
        var rejected = 0;
        foreach (var (name, body) in documents)
        {
            var quoted = $"the {what} \"{PrintableText.Escape(name)}\"";
            if (await TryPutAsync($"{collection}/{Uri.EscapeDataString(name)}", body, cancellationToken) is { } reason)
            {
                rejected++;
                await Console.Error.WriteLineAsync($"Rejected {quoted}: {reason}");
            }
            else
            {
                Console.WriteLine($"Applied {quoted}.");
            }
        }

        return rejected > 0 ? ExitCodes.SomethingRejected : ExitCodes.Success;
    }

    public void Dispose() => _http.Dispose();

    /// <returns>Why the silo refuses the body; null: it does not.</returns>
    private async Task<string?> TryPutAsync(string path, object body, CancellationToken cancellationToken)
    {
        var (status, text) = await ExchangeAsync(HttpMethod.Put, path, body, version: null, cancellationToken);
        return status is HttpStatusCode.BadRequest or HttpStatusCode.Conflict or HttpStatusCode.RequestEntityTooLarge
            ? Refusal(status, text)
            : (int)status is >= 200 and < 300 ? null
            : throw new UsageException(Refusal(status, text));
    }

    private async Task<(HttpStatusCode Status, string Text)> ExchangeAsync(
        HttpMethod method, string path, object? body, int? version, CancellationToken cancellationToken)
    {
        using var content = body is null ? null : JsonContent.Create(body, body.GetType());
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (version is { } known)
        {
            request.Headers.IfMatch.Add(new(string.Create(CultureInfo.InvariantCulture, $"\"{known}\"")));
        }

        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (HttpRequestException e)
        {
            throw new UsageException(
                $"No silo answers at {_http.BaseAddress!.GetLeftPart(UriPartial.Authority)}: {e.Message.TrimEnd('.')}. "
                + "Give --url with the address of the console.",
                e);
        }
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UsageException($"The silo has not answered within {Timeout.TotalSeconds:0} s.", e);
        }
    }

    private JsonElement Parse(string text)
    {
        try
        {
            return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException e)
        {
            throw new UsageException($"{_http.BaseAddress!.GetLeftPart(UriPartial.Authority)} is not the console of a silo.", e);
        }
    }

    /// <returns>The address of the configuration, on this machine.</returns>
    public static string DefaultUrl()
    {
        var http = PipelineSettings.Load(new Dictionary<string, string?>()).Http;
        var host = http.Address.Equals(IPAddress.Any) || http.Address.Equals(IPAddress.IPv6Any) ? IPAddress.Loopback : http.Address;
        return $"http://{new IPEndPoint(host, http.Port ?? HttpOptions.DefaultPort)}{http.PathBase}";
    }

    private static string Refusal(HttpStatusCode status, string text)
    {
        if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            return $"The silo requires an access key, for changes one with the role admin; set the environment variable {KeyVariable}.";
        }

        try
        {
            return PrintableText.Escape(JsonSerializer.Deserialize<JsonElement>(text).GetProperty("detail").GetString());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"The silo answers with status {(int)status}.";
        }
    }
}
