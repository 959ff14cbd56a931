using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace GrainSensors.Web.Tests.Access;

/// <summary>A small OpenID Connect provider: code flow, PKCE and client secret are checked as RFC 6749 and RFC 7636 demand.</summary>
internal sealed class IdentityProvider : IAsyncDisposable
{
    public const string ClientId = "grainsensors";
    public const string Secret = "the-client-secret";

    private readonly ConcurrentDictionary<string, (string Challenge, string Nonce, string Redirect)> _codes = [];
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly WebApplication _app;

    private IdentityProvider(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>The user who agrees to every log-in.</summary>
    public string Name { get; set; } = "ann";

    public IReadOnlyList<string> Roles { get; set; } = [];

    /// <summary>The user refuses.</summary>
    public bool IsRefused { get; set; }

    public static async Task<IdentityProvider> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var provider = new IdentityProvider(app);
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new Dictionary<string, object>
        {
            ["issuer"] = Issuer(provider.Address),
            ["authorization_endpoint"] = new Uri(provider.Address, "/authorize"),
            ["token_endpoint"] = new Uri(provider.Address, "/token"),
            ["jwks_uri"] = new Uri(provider.Address, "/keys"),
        }));
        app.MapGet("/keys", provider.Keys);
        app.MapGet("/authorize", provider.Authorize);
        app.MapPost("/token", (Delegate)provider.TokenAsync);
        await app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _rsa.Dispose();
    }

    private static string Issuer(Uri address) => address.ToString().TrimEnd('/');

    private IResult Keys()
    {
        var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new(_rsa.ExportParameters(includePrivateParameters: false)));
        return Results.Json(new { keys = new[] { new { kty = key.Kty, kid = "k", use = "sig", n = key.N, e = key.E } } });
    }

    private IResult Authorize(HttpContext context)
    {
        var query = context.Request.Query;
        var redirect = query["redirect_uri"].ToString();
        if (query["client_id"] != ClientId || query["response_type"] != "code" || query["code_challenge_method"] != "S256")
        {
            return Results.BadRequest($"{query}");
        }

        var state = Uri.EscapeDataString(query["state"].ToString());
        if (IsRefused)
        {
            return Results.Redirect($"{redirect}?error=access_denied&state={state}");
        }

        var code = Guid.NewGuid().ToString("N");
        _codes[code] = (query["code_challenge"].ToString(), query["nonce"].ToString(), redirect);
        return Results.Redirect($"{redirect}?code={code}&state={state}");
    }

    private async Task<IResult> TokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var verifier = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        if (!_codes.TryRemove(form["code"].ToString(), out var given) || given.Challenge != verifier
            || form["client_secret"] != Secret || form["redirect_uri"] != given.Redirect)
        {
            return Results.Json(new { error = "invalid_grant" }, statusCode: StatusCodes.Status400BadRequest);
        }

        var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer(Address),
            Audience = ClientId,
            Expires = DateTime.UtcNow.AddMinutes(5),
            Claims = new Dictionary<string, object>
            {
                ["sub"] = "1",
                ["nonce"] = given.Nonce,
                ["preferred_username"] = Name,
                ["roles"] = Roles.ToArray(),
            },
            SigningCredentials = new(new RsaSecurityKey(_rsa) { KeyId = "k" }, SecurityAlgorithms.RsaSha256),
        });
        return Results.Json(new { access_token = "x", token_type = "Bearer", expires_in = 300, id_token = token });
    }
}
