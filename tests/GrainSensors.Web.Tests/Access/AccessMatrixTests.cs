using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage.Access;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Tests.Access;

/// <summary>
/// Every path of a silo with every method and every kind of access. The paths come from the endpoints themselves, so a new endpoint is
/// protected or the test fails.
/// </summary>
[Trait("Category", "System")]
public sealed class AccessMatrixTests : IAsyncLifetime
{
    private static readonly string[] Methods = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

    private static readonly string[] Reads = ["GET", "HEAD", "OPTIONS"];

    /// <summary>Open to everybody, with the methods that they have.</summary>
    private static readonly string[] Open =
    [
        "GET /login", "HEAD /login", "POST /login", "POST /logout", "GET /health/live", "HEAD /health/live", "GET /health/ready",
        "HEAD /health/ready", "GET /health/startup", "HEAD /health/startup", "GET /ping", "HEAD /ping",
        "GET /acknowledge", "HEAD /acknowledge", "POST /acknowledge",
    ];

    /// <summary>For administrators whatever the method.</summary>
    private static readonly string[] AdminOnly =
        ["/api/v1/audit", "/api/v1/sessions", "/api/v1/contacts", "/api/v1/contacts/1", "/api/v1/notifications", "/api/v1/routes"];

    /// <summary>All that a device key may use, besides what is open.</summary>
    private static readonly string[] ForDevices =
        ["POST /api/v1/readings", "POST /api/v1/ingest/1", "POST /api/v2/write", "POST /write"];

    /// <summary>The connection of a page. The page checks the role before each change.</summary>
    private const string PageConnection = "/_blazor";

    private readonly ApiServer _server = new();

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        foreach (var (index, (_, options)) in new[] { GuardedHost.Reader, GuardedHost.Admin }.Index())
        {
            _server.Settings[$"Http:Keys:{index}:Name"] = options.Name;
            _server.Settings[$"Http:Keys:{index}:Role"] = $"{options.Role}";
            _server.Settings[$"Http:Keys:{index}:Hash"] = options.Hash;
        }

        return _server.InitializeAsync();
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    [Fact]
    public async Task Every_path_and_method_answers_as_the_access_allows()
    {
        var sessions = _server.Services.GetRequiredService<Sessions>();
        var key = AccessKey.From(GuardedHost.Admin.Options).HashHex;
        var token = await sessions.StartAsync(new(Guid.NewGuid(), "bob", IsAdmin: true, key, ""), Stop);
        var alive = await SendAsync("GET", "/api/v1/status", ("Cookie", $"grainsensors_session={token}"));
        Assert.Equal(HttpStatusCode.OK, alive);
        await sessions.EndAsync(token, Stop);
        var device = await _server.AddDeviceKeyAsync(new(KeyScopeKind.Device, "kitchen-1"));
        (string Name, (string, string)? Header)[] accesses =
        [
            ("none", null),
            ("wrong key", ("Authorization", $"Bearer {GuardedHost.Make("eve", AccessRole.Admin).Key}")),
            ("ended session", ("Cookie", $"grainsensors_session={token}")),
            ("key in a cookie", ("Cookie", $"grainsensors_key={GuardedHost.Admin.Key}; grainsensors_session={GuardedHost.Admin.Key}")),
            ("read", ("X-Api-Key", GuardedHost.Reader.Key)),
            ("admin", ("X-Api-Key", GuardedHost.Admin.Key)),
            ("device", ("Authorization", $"Bearer {device}")),
            ("device", ("X-Api-Key", device)),
            ("device", ("Authorization", $"Token {device}")),
            ("device", ("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"telegraf:{device}"))}")),
            ("device key in a cookie", ("Cookie", $"grainsensors_key={device}; grainsensors_session={device}")),
        ];
        var paths = Paths();
        Assert.True(paths.Count > 30, $"{paths.Count} paths");
        Assert.All(ForDevices, door => Assert.Contains(door.Split(' ')[1], paths));
        var wrong = new List<string>();
        var requests = from path in paths from method in Methods from access in accesses select (path, method, access);
        foreach (var (path, method, access) in requests)
        {
            var status = await SendAsync(method, path, access.Header);
            if (!IsExpected(method, path, access.Name, status))
            {
                wrong.Add($"{access.Name}: {method} {path} answered {(int)status}");
            }
        }

        Assert.Empty(wrong);
    }

    private static bool IsExpected(string method, string path, string access, HttpStatusCode status)
    {
        var isOpen = Open.Contains($"{method} {path}");
        return access switch
        {
            _ when isOpen => status != HttpStatusCode.Forbidden && (path == "/login" || status != HttpStatusCode.Unauthorized),
            "device" when ForDevices.Contains($"{method} {path}") =>
                status is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.UnsupportedMediaType,
            "device" => status == HttpStatusCode.Forbidden,
            "admin" => status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden),
            "read" => (status == HttpStatusCode.Forbidden) == IsForAdmin(method, path) && status != HttpStatusCode.Unauthorized,
            _ => status == HttpStatusCode.Unauthorized,
        };
    }

    private static bool IsForAdmin(string method, string path) =>
        (AdminOnly.Contains(path) && method is ("GET" or "HEAD"))
        || (!Reads.Contains(method) && path != PageConnection && !path.StartsWith($"{PageConnection}/", StringComparison.Ordinal));

    /// <returns>A path of each endpoint, and some without an endpoint.</returns>
    private List<string> Paths() =>
    [
        .. _server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => Sample(endpoint.RoutePattern)).Distinct(),
        "/dashboard/",
        "/nothing",
        "/api/v1/nothing",
    ];

    private static string Sample(Microsoft.AspNetCore.Routing.Patterns.RoutePattern pattern) =>
        "/" + Regex.Replace(pattern.RawText!.TrimStart('/'), @"\{[^}]*\}", "1");

    private async Task<HttpStatusCode> SendAsync(string method, string path, (string Name, string Value)? header)
    {
        using var request = new HttpRequestMessage(new(method), new Uri(_server.Http.BaseAddress!, path));
        if (header is var (name, value))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        // Event streams last as long as the client wants.
        using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        return answer.StatusCode;
    }
}
