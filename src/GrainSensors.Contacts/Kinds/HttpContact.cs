using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using GrainSensors.Contacts.Messages;
using GrainSensors.Contacts.Targets;

namespace GrainSensors.Contacts.Kinds;

/// <summary>The client of all contact points by HTTP: without redirects and cookies, and with guarded targets.</summary>
public sealed class ContactHttp : IDisposable
{
    private const string Key = "Idempotency-Key";
    private const int MaxAnswer = 500;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectCallback = TargetGuard.ConnectAsync,
        PooledConnectionLifetime = ConnectionLifetime,
        ActivityHeadersPropagator = null,
    })
    {
        Timeout = Timeout,
    };

    /// <exception cref="DeliveryException">The receiver is unavailable, or refuses the request.</exception>
    public async Task SendAsync(HttpRequestMessage request, Guid key, TimeProvider clock, CancellationToken cancellationToken)
    {
        request.Headers.TryAddWithoutValidation(Key, key.ToString());
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("GrainSensors", null));

        // Without a known length the body is sent in chunks, which many receivers read as an empty body.
        await (request.Content?.LoadIntoBufferAsync(cancellationToken) ?? Task.CompletedTask);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw await FailureOfAsync(response, clock, cancellationToken);
            }
        }
        catch (HttpRequestException e)
        {
            throw e.InnerException is RefusedTargetException refused
                ? new DeliveryException(refused.Message, e) { IsPermanent = true }
                : new DeliveryException($"{e.Message.TrimEnd('.')}.", e);
        }
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeliveryException($"The receiver has not answered within {Timeout.TotalSeconds:0} s.", e);
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<DeliveryException> FailureOfAsync(
        HttpResponseMessage response, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (response.StatusCode is >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest)
        {
            return new($"The receiver redirects with status {(int)response.StatusCode}; set the address to the final one.");
        }

        var buffer = new byte[MaxAnswer];
        await using var answer = await response.Content.ReadAsStreamAsync(cancellationToken);
        var length = await answer.ReadAtLeastAsync(buffer, MaxAnswer, throwOnEndOfStream: false, cancellationToken);
        var text = Core.Text.PrintableText.Escape(Encoding.UTF8.GetString(buffer, 0, length).ReplaceLineEndings(" ").Trim());
        var after = response.Headers.RetryAfter;
        return new($"The receiver answers with status {(int)response.StatusCode}{(text.Length == 0 ? "." : $": {text}")}")
        {
            // The same body would be refused again. A wrong address or key can be corrected.
            IsPermanent = response.StatusCode
                is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableContent,
            RetryAfter = after?.Delta ?? (after?.Date is { } date ? date - clock.GetUtcNow() : null),
        };
    }
}

/// <summary>A kind of contact points that takes a request for each notification.</summary>
public abstract class HttpContact(ContactHttp http, TimeProvider clock) : IContactKind
{
    public abstract string Name { get; }

    public abstract IReadOnlyList<ContactField> Fields { get; }

    public virtual int RatePerMinute => 60;

    public virtual bool KeepsAlerts => false;

    /// <returns>The request, without its idempotency key.</returns>
    protected internal abstract HttpRequestMessage RequestOf(ContactValues values, Notification notification);

    public async Task SendAsync(ContactValues values, Notification notification, CancellationToken cancellationToken)
    {
        using var request = RequestOf(values, notification);
        await http.SendAsync(request, notification.Key, clock, cancellationToken);
    }

    /// <summary>Sets the header of <see cref="ContactField.Authorization"/>.</summary>
    protected static void Authorize(HttpRequestMessage request, ContactValues values)
    {
        if (values.Find(ContactField.Authorization.Name) is { } authorization)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }
    }

    protected static HttpRequestMessage Post(string url, object body) =>
        new(HttpMethod.Post, url) { Content = JsonContent.Create(body, body.GetType(), options: ContactJson.Options) };
}
